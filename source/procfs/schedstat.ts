import {createScanner, scanInteger} from './digits.js';

/** A thread's scheduler counters since it began, see the kernel's sched-stats.rst. */
export type Schedstat = {
	runNanoseconds: number;
	/** Time spent runnable without a CPU. It is added when the thread gets one, not while it waits. */
	delayNanoseconds: number;
	/** Times it was given a CPU: one more for each switch, voluntary or not. */
	slices: number;
};

const scanner = createScanner();

/** Parses /proc/PID/task/TID/schedstat into an object that is reused; false when the text is not one. */
export const parseSchedstat = (bytes: Uint8Array, length: number, into: Schedstat): boolean => {
	if (!scanInteger(scanner, bytes, 0, length)) {
		return false;
	}

	const runNanoseconds = scanner.value;
	if (!scanInteger(scanner, bytes, scanner.position, length)) {
		return false;
	}

	const delayNanoseconds = scanner.value;
	if (!scanInteger(scanner, bytes, scanner.position, length)) {
		return false;
	}

	into.runNanoseconds = runNanoseconds;
	into.delayNanoseconds = delayNanoseconds;
	into.slices = scanner.value;
	return true;
};
