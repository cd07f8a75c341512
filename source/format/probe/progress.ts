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

/** One round over so many takes longer than the budget means: measured 20 % with 2,000 threads in 5 s, 20 to 27 % with 10,000. */
const threadsAboveBudget = 100;
const timesAboveBudget = {many: 2, crowd: 1.5};

const looksText = (threads: number, seconds: number): string => {
	const {cpuPercent, crowdPerSecond, cpuPercentAtCrowd} = probeBudget;
	if (threads > seconds * crowdPerSecond) {
		return `reads what each thread waits for, of so many only now and then and only some stacks, with about ${cpuPercentAtCrowd} to ${cpuPercentAtCrowd * timesAboveBudget.crowd}% of one CPU`;
	}

	const most =
		threads > seconds * threadsAboveBudget ? cpuPercent * timesAboveBudget.many : cpuPercent;
	return `reads what each thread waits for, up to 100 times a second, with at most about ${most}% of one CPU`;
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
