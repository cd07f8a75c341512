import process from 'node:process';

/** Counts what a probe takes of the CPU. */
export type Spending = {
	/** Runs a part of the work; milliseconds that it took are in `lastMilliseconds`. */
	run<Result>(work: () => Result): Result;
	/** The same for what comes once: it is made up for over all of the time. */
	runOnce<Result>(work: () => Result): Result;
	readonly lastMilliseconds: number;
	readonly usedMilliseconds: number;
	readonly onceMilliseconds: number;
};

/** A part of the work that takes longer found tables that weren't read yet, or collected garbage: the rest of it came once. */
const usualMilliseconds = 12;

const ownCpuMilliseconds = (): number => {
	const {user, system} = process.cpuUsage();
	return (user + system) / 1000;
};

export const createSpending = (cpuMilliseconds = ownCpuMilliseconds): Spending => {
	let last = 0;
	let used = 0;
	let once = 0;

	const measure = <Result>(work: () => Result, usual: number): Result => {
		const before = cpuMilliseconds();
		const result = work();
		last = cpuMilliseconds() - before;
		used += last;
		once += Math.max(0, last - usual);
		return result;
	};

	return {
		run: work => measure(work, usualMilliseconds),
		runOnce: work => measure(work, 0),
		get lastMilliseconds() {
			return last;
		},
		get usedMilliseconds() {
			return used;
		},
		get onceMilliseconds() {
			return once;
		},
	};
};
