import type {Process} from '../model/process.js';
import {isKnown, type Reading} from '../model/reading.js';
import type {Host} from '../model/system.js';
import type {Thread} from '../model/thread.js';
import type {Wait, WaitShare} from '../model/wait.js';

/** Rates that threads have, and processes as the sums of their threads'. */
export const rateNames = [
	'voluntarySwitchesPerSecond',
	'involuntarySwitchesPerSecond',
	'cpuPercent',
	'systemCpuPercent',
	'runQueueWaitPercent',
] as const;

/** The value, or 0 where there is none: only for sums whose parts may be missing. */
export const orZero = (reading: Reading<number>): number => (isKnown(reading) ? reading : 0);

export const sum = <Item>(items: readonly Item[], of: (item: Item) => number): number => {
	let total = 0;
	for (const item of items) {
		total += of(item);
	}

	return total;
};

/** A process as if it had these threads alone: its rates are the sums of theirs, what is unknown left out. */
export const withThreads = (process: Process, threads: readonly Thread[]): Process => ({
	...process,
	...Object.fromEntries(rateNames.map(rate => [rate, sum(threads, each => orZero(each[rate]))])),
	threads,
});

/** Voluntary switches per second, 0 where they are unknown: each ends in a wake. */
export const wakesOf = (thread: Thread): number => orZero(thread.voluntarySwitchesPerSecond);

/** The middle one in order of some value, of an even number the one above; 0 of none. */
export const medianOf = <Item>(items: readonly Item[], of: (item: Item) => number): number => {
	// Numbers of one kind are sorted without a call for each pair.
	const values = new Float64Array(items.length);
	for (const [index, item] of items.entries()) {
		values[index] = of(item);
	}

	return values.sort()[Math.floor(values.length / 2)] ?? 0;
};

/** How much the wakes of threads differ: the standard deviation as a part of the mean; infinite where none of them wakes. */
export const variationOf = (threads: readonly Thread[]): number => {
	const rates = threads.map(wakesOf);
	const mean = sum(rates, rate => rate) / rates.length;
	const variance = sum(rates, rate => (rate - mean) ** 2) / rates.length;
	return mean > 0 ? Math.sqrt(variance) / mean : Number.POSITIVE_INFINITY;
};

/** Voluntary and involuntary switches per second, what is unknown left out. */
export const switchesOf = (of: Thread | Process): number =>
	orZero(of.voluntarySwitchesPerSecond) + orZero(of.involuntarySwitchesPerSecond);

/**
How much a thread or process wants a CPU: the time it had one and the time it waited
for one, 100 = one CPU. Exact, from schedstat, where looks at the state are a sample.
Nothing when one of the two isn't known.
*/
export const wantedCpuPercent = (of: Thread | Process): number | undefined =>
	isKnown(of.cpuPercent) && isKnown(of.runQueueWaitPercent)
		? of.cpuPercent + of.runQueueWaitPercent
		: undefined;

/** Whether the kernel has at least this share of the CPU that a thread or process uses. */
export const isInKernel = (
	{systemCpuPercent, cpuPercent}: Thread | Process,
	leastShare: number,
): boolean => orZero(systemCpuPercent) >= orZero(cpuPercent) * leastShare;

/** CPU time from one switch to the next; nothing without switches. */
export const cpuMicrosecondsPerSwitch = (of: Thread | Process): number | undefined => {
	const switches = switchesOf(of);
	// 1 % of a CPU is 10,000 µs each second.
	return switches > 0 && isKnown(of.cpuPercent) ? (of.cpuPercent * 10_000) / switches : undefined;
};

/** Whether the thread has not run at all. */
export const isStill = (thread: Thread): boolean =>
	thread.voluntarySwitchesPerSecond === 0 && thread.involuntarySwitchesPerSecond === 0;

/** The same over threads together, which count as one switch at least. */
export const microsecondsOf = (threads: readonly Thread[]): number =>
	(sum(threads, thread => orZero(thread.cpuPercent)) * 10_000) /
	Math.max(1, sum(threads, switchesOf));

/** A thread that uses more than this does real work between its waits. */
const mostCpuPercent = 10;

/** CPU from one wake to the next: measured pollers take 7 to 43 µs, event loops with real work 200 µs and more. */
const mostCpuMicrosecondsPerWake = 250;

/** Whether the thread wakes often enough, with so little work, that it may be polling. */
export const isNearlyIdle = (thread: Thread): boolean => {
	if (!isKnown(thread.voluntarySwitchesPerSecond) || thread.voluntarySwitchesPerSecond <= 0) {
		return false;
	}

	const perSwitch = cpuMicrosecondsPerSwitch(thread);
	return (
		isKnown(thread.cpuPercent) &&
		thread.cpuPercent <= mostCpuPercent &&
		perSwitch !== undefined &&
		perSwitch <= mostCpuMicrosecondsPerWake
	);
};

/**
How long a thread sleeps from giving up the CPU to wanting it again, on average: what is left of its time after it has run and has
waited for a CPU. A busy machine makes threads wake less often, yet leaves a time limit as long as it was. Nothing without switches.
*/
export const sleepMillisecondsPerWake = (thread: Thread): number | undefined => {
	const wakes = orZero(thread.voluntarySwitchesPerSecond);
	const wanted = wantedCpuPercent(thread);
	return wakes > 0 && wanted !== undefined ? Math.max(0, 1000 - wanted * 10) / wakes : undefined;
};

/**
Whether anybody looked at what the thread waits for, and was told. That it runs is told
by its state, which everybody may read: it says nothing about its waits.
*/
export const waitVisibility = ({waits, wait}: Thread): 'seen' | 'refused' | 'unknown' => {
	if (waits !== undefined && waits.length > 0) {
		return 'seen';
	}

	if (wait === null) {
		return 'refused';
	}

	return wait === undefined || wait.kind === 'running' ? 'unknown' : 'seen';
};

/** Whether the kernel refused the waits of those threads of a process that ran, at least all that were asked for. */
export const areWaitsRefused = ({threads}: Process): boolean => {
	let isRefused = false;
	for (const thread of threads) {
		if (switchesOf(thread) > 0) {
			const visibility = waitVisibility(thread);
			if (visibility === 'seen') {
				return false;
			}

			isRefused ||= visibility === 'refused';
		}
	}

	return isRefused;
};

/** How often the thread was seen in which wait; a single look, at the end of the interval, where there were no others. */
export const sharesOf = ({waits, wait}: Thread): readonly WaitShare[] => {
	if (waits !== undefined && waits.length > 0) {
		return waits;
	}

	return isKnown(wait) ? [{...wait, percent: 100}] : [];
};

/** Whether one of the waits that `sharesOf` gives fulfils a condition. Rules ask it of each idle thread each tick: nothing is made. */
export const someWait = ({waits, wait}: Thread, matches: (wait: Wait) => boolean): boolean =>
	waits !== undefined && waits.length > 0 ? waits.some(matches) : isKnown(wait) && matches(wait);

/** Whether it was seen waiting, and each of the waits that `sharesOf` gives fulfils a condition. */
export const everyWait = ({waits, wait}: Thread, matches: (wait: Wait) => boolean): boolean =>
	waits !== undefined && waits.length > 0 ? waits.every(matches) : isKnown(wait) && matches(wait);

const isSameWait = (one: WaitShare, other: WaitShare): boolean =>
	one.kind === other.kind &&
	one.call === other.call &&
	one.timed === other.timed &&
	one.region === other.region;

const together = (one: WaitShare, other: WaitShare): WaitShare => {
	const {timeoutMilliseconds: first = 0} = one;
	const {timeoutMilliseconds: second = 0} = other;
	const longest = Math.max(first, second);
	const percent = one.percent + other.percent;
	return longest > 0 ? {...one, percent, timeoutMilliseconds: longest} : {...one, percent};
};

/**
What the thread waits for most of the time that it waits, over all looks; waits of the
same kind, call and place count together, with the longest time limit among them (of an
absolute deadline only the time left is seen). Nothing when it was never seen waiting.
*/
export const mainWait = (thread: Thread): WaitShare | undefined => {
	const shares = sharesOf(thread);
	// This runs for each thread each tick: nothing is made where nothing has to be put together.
	let main: WaitShare | undefined;
	for (const [index, share] of shares.entries()) {
		if (share.kind === 'running') {
			continue;
		}

		let total = share;
		for (let later = index + 1; later < shares.length; later++) {
			if (isSameWait(share, shares[later]!)) {
				total = together(total, shares[later]!);
			}
		}

		if (main === undefined || total.percent > main.percent) {
			main = total;
		}
	}

	return main;
};

/** CPUs that a process may use, and what limits them. */
export type CpuLimit = {cpus: number; because: 'machine' | 'affinity' | 'quota'};

/** The least of the machine's CPUs, the process's affinity mask and its cgroup's quota. */
export const cpuLimit = (process: Process, host: Host): CpuLimit => {
	let limit: CpuLimit = {cpus: host.cpus, because: 'machine'};
	if (process.cpusAllowed !== undefined && process.cpusAllowed < limit.cpus) {
		limit = {cpus: process.cpusAllowed, because: 'affinity'};
	}

	if (process.cpuQuotaPercent !== undefined && process.cpuQuotaPercent / 100 < limit.cpus) {
		limit = {cpus: process.cpuQuotaPercent / 100, because: 'quota'};
	}

	return limit;
};
