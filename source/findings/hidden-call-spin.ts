import type {Process} from '../model/process.js';
import type {Snapshot} from '../model/snapshot.js';
import type {System} from '../model/system.js';
import type {Thread} from '../model/thread.js';
import {type CallSpin, isRareBeside, mostFaultsPerSecond} from './spin-calls.js';
import {orZero} from './thread-facts.js';

/**
Another user's process, of which the kernel refuses what it reads and what it has open. A thread that makes short system calls all the time
still shows it: measured of loops around one call 0.5 in Python, 0.65 to 0.87 in C of its CPU in the kernel. What copies has more: cp, cat and dd of
large blocks 0.99. What walks through folders sleeps, or takes page faults.
*/
const share = {least: 0.4, most: 0.9};

/** Of files that somebody writes to; a thread that does so with short calls dirties a page for each 4 KiB. */
const mostDirtiedPagesPerSecond = 200;

const makesShortCalls = ({cpuPercent, systemCpuPercent, kernelWork}: Thread): boolean => {
	const cpu = orZero(cpuPercent);
	const inKernel = orZero(systemCpuPercent);
	return (
		kernelWork?.io === null &&
		kernelWork.pageFaultsPerSecond <= mostFaultsPerSecond &&
		inKernel >= cpu * share.least &&
		inKernel <= cpu * share.most
	);
};

/** Whether nothing on the whole machine moves for which they may make their calls; nothing that can't be read counts as that. */
const isQuietAround = (burners: readonly Thread[], system: System): boolean => {
	const {wakeSources, contextSwitchesPerSecond = Infinity, paging} = system;
	const packets = wakeSources?.receivedPacketsPerSecond ?? Infinity;
	return (
		isRareBeside(burners, packets) &&
		isRareBeside(burners, contextSwitchesPerSecond) &&
		(paging?.dirtiedPagesPerSecond ?? Infinity) <= mostDirtiedPagesPerSecond
	);
};

/** Whoever reads what it writes works in the kernel as well: measured of Go's child that reads short lines 45 % of a CPU, by several threads. */
const mostSystemPercentOfOthers = 20;

/** Another one at work may be what it makes its calls for: the two need not sleep to hand bytes on through a pipe. */
const isAlone = (own: Process, thread: Thread, {processes, sampling}: Snapshot): boolean =>
	own.threads.every(other => other === thread || other.kernelWork === undefined) &&
	processes.every(
		process =>
			process === own ||
			process.pid === sampling.ownPid ||
			orZero(process.systemCpuPercent) <= mostSystemPercentOfOthers,
	);

/**
A thread that makes short system calls all the time, on a machine on which nothing comes of them: it may spin, and no more can be said.
*/
export const hiddenCallSpinsOf = (process: Process, latest: Snapshot): readonly CallSpin[] => {
	const [thread, ...others] = process.threads.filter(makesShortCalls);
	return thread &&
		others.length === 0 &&
		isQuietAround([thread], latest.system) &&
		isAlone(process, thread, latest)
		? [{cause: 'refused', confidence: 'possible', process, threads: [thread]}]
		: [];
};
