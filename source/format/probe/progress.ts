import {probeBudget} from '../../model/probe.js';
import {printable} from '../printable.js';

const barColumns = 30;

/** How much of the time is over: `[#####.....]  2.1 of 5 s`. */
export const progressBar = (share: number, seconds: number, columns = barColumns): string => {
	const done = Math.max(0, Math.min(columns, Math.round(share * columns)));
	return `[${'#'.repeat(done)}${'.'.repeat(columns - done)}] ${(share * seconds).toFixed(1)} of ${seconds} s`;
};

/** What a probe is at, for a person who waits. */
export const phaseText = (what: string): string =>
	({
		waits: 'looking at its threads',
		symbols: 'looking up names',
		strace: 'strace counts its system calls',
	})[what] ?? what;

/**
What was measured on a machine that is not the fastest: threads that run which a tenth of one CPU is enough for, looks a second at
threads that run for six tenths of one, and first looks at threads for a tenth, up to the end of the probe.
*/
const threadsForLeast = 150;
const mostLooksAtAll = 40_000;
const firstLooksPerSecond = 720;

const longerText = (threads: number, seconds: number): string => {
	const needed = Math.ceil(threads / firstLooksPerSecond);
	const most = seconds * probeBudget.mostTimesLonger;
	return needed > seconds
		? `; to see each of so many once takes about ${Math.min(needed, most)} s (measured), and ${most} s at most`
		: '';
};

const looksText = (threads: number, seconds: number): string => {
	const {cpuPercent, mostCpuPercent, leastLooksPerSecond, mostLooksPerSecond} = probeBudget;
	const rate = `${leastLooksPerSecond} to ${mostLooksPerSecond} times a second`;
	const least = `with at most ${cpuPercent}% of one CPU`;
	if (threads <= threadsForLeast) {
		return `looks at what each thread waits for ${rate}, ${least}`;
	}

	const cost = `${least}, or as much more as hundreds of threads that run need, up to ${mostCpuPercent}%`;
	const each = mostLooksAtAll / threads;
	if (each >= leastLooksPerSecond) {
		return `looks at what each thread waits for ${rate}, ${cost}`;
	}

	return `looks at what each thread waits for, ${cost}: ${rate} at those that run while they are no more than about ${mostLooksAtAll / leastLooksPerSecond} (measured), about ${each < 1 ? each.toPrecision(1) : Math.floor(each)} a second if all do; that the others slept on is proven by the scheduler's counters, and stacks are read of some${longerText(threads, seconds)}`;
};

/** What a probe is going to do, and what it may cost, for a person to know before it begins. */
export const probeAnnouncement = ({
	pid,
	name,
	threads,
	seconds,
	perf,
	strace,
}: {
	pid: number;
	name: string;
	threads: number;
	seconds: number;
	/** Whether perf is there to be used. */
	perf: boolean;
	strace: boolean;
}): readonly string[] => [
	`probe ${pid} (${printable(name)}), ${threads === 1 ? '1 thread' : `${threads} threads`}, for ${seconds} s: ${looksText(threads, seconds)}; it stops nothing and changes nothing`,
	...(perf
		? [
				'with perf record -F 99 -g: the kernel interrupts it 99 times a second while it runs, about 1% of its time, and each of its context switches takes 1 to 2 us longer: a program that does nothing but switch loses up to a third',
			]
		: []),
	...(strace
		? [
				`then strace -c -f for ${seconds} s: SLOWS THE PROGRAM DOWN 10 TO 25 TIMES and stops it at each system call meanwhile; it lets go by itself, even if ctop is killed`,
			]
		: []),
];
