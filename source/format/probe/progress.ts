const barColumns = 30;

/** How much of the time is over: `[#####.....]  2.1 of 5 s`. */
export const progressBar = (share: number, seconds: number, columns = barColumns): string => {
	const done = Math.max(0, Math.min(columns, Math.round(share * columns)));
	return `[${'#'.repeat(done)}${'.'.repeat(columns - done)}] ${(share * seconds).toFixed(1)} of ${seconds} s`;
};

/** What a probe is going to do, and what it may cost, for a person to know before it begins. */
export const probeAnnouncement = ({
	subject,
	seconds,
	perf,
	strace,
}: {
	/** `4711 (gunicorn), 45 threads`. */
	subject: string;
	seconds: number;
	/** Whether perf is there to be used. */
	perf: boolean;
	strace: boolean;
}): readonly string[] => [
	`probe ${subject} for ${seconds} s: reads what each thread waits for, up to 100 times a second, with at most about 10% of one CPU; it stops nothing and changes nothing`,
	...(perf
		? [
				'with perf record -F 99 -g: the kernel interrupts it 99 times a second while it runs, about 1% of its time',
			]
		: []),
	...(strace
		? [
				`then strace -c -f for ${seconds} s: SLOWS THE PROGRAM DOWN 10 TO 25 TIMES and stops it at each system call meanwhile; it lets go by itself, even if ctop is killed`,
			]
		: []),
];
