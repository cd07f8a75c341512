import type {Process} from '../model/process.js';
import type {Snapshot} from '../model/snapshot.js';
import type {Thread} from '../model/thread.js';
import {isQuietBeside} from './quiet-machine.js';
import {type CallSpin, mostFaultsPerSecond} from './spin-calls.js';
import {isInKernel, orZero} from './thread-facts.js';

/**
Another user's process, of which the kernel refuses what it reads and what it has open. A thread that makes short system calls all the time
still shows it: measured of loops around one call 0.5 in Python, 0.65 to 0.87 in C of its CPU in the kernel. What copies has more: cp, cat and dd of
large blocks 0.99. What walks through folders sleeps, or takes page faults.
*/
const share = {least: 0.4, most: 0.9};

/** Whether a thread works in the kernel for a good part, and what it reads and writes was refused. */
const hidesCalls = (thread: Thread): boolean =>
	thread.kernelWork?.io === null && isInKernel(thread, share.least);

const makesShortCalls = (thread: Thread): boolean =>
	hidesCalls(thread) &&
	thread.kernelWork!.pageFaultsPerSecond <= mostFaultsPerSecond &&
	orZero(thread.systemCpuPercent) <= orZero(thread.cpuPercent) * share.most;

/**
Of several each may make its calls for the other, as the two ends of a pipe do; but then one of them has to wait for the other now and then,
and they share no lock either.
*/
const mostSleepsPerSecond = 1;
const leastOfAny = 0.6;

const neverSleeps = (thread: Thread): boolean =>
	orZero(thread.voluntarySwitchesPerSecond) <= mostSleepsPerSecond &&
	isInKernel(thread, leastOfAny);

/** Whether the kernel refused what this process has open. */
export const areCallsRefused = ({kernelWork}: Process): boolean =>
	kernelWork === null || kernelWork?.fullDescriptorTable?.isRefused === true;

/** It can open nothing more, and connections wait: accept fails at once, whatever else the machine is busy with. */
const inFullTable = (process: Process): CallSpin | undefined => {
	const {kernelWork, threads} = process;
	const inKernel = threads.filter(hidesCalls);
	const fullTable = kernelWork?.fullDescriptorTable;
	return fullTable && inKernel.length > 0
		? {cause: 'full-table', confidence: 'possible', process, threads: inKernel, fullTable}
		: undefined;
};

/**
Threads that make short system calls all the time, with a full table of descriptors, or on a machine on which nothing comes of them: they
may spin, and no more can be said.
*/
export const hiddenCallSpinsOf = (process: Process, latest: Snapshot): readonly CallSpin[] => {
	const atLimit = inFullTable(process);
	if (atLimit) {
		return [atLimit];
	}

	const threads = process.threads.filter(makesShortCalls);
	const isAlone = threads.length === 1 || threads.every(neverSleeps);
	return threads.length > 0 && isAlone && isQuietBeside(process, threads, latest)
		? [{cause: 'refused', confidence: 'possible', process, threads}]
		: [];
};
