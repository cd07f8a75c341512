import type {Process} from '../model/process.js';
import type {Thread} from '../model/thread.js';
import type {Wait} from '../model/wait.js';
import {runnableOf, type Shape} from './lock-fight-parts.js';
import {isInKernel, microsecondsOf, orZero, sum, switchesOf} from './thread-facts.js';
import {isLockWait, type MatchWait, meanWaiting, type Place} from './wait-facts.js';

/** A convoy hands the lock over more often than it gets work done: measured 14 to 58 µs of CPU a switch. */
const convoy = {switches: 1000, mostMicroseconds: 150};

/** A fair lock is handed to a thread that has yet to wake: its holder sleeps at most looks, and still nobody sleeps under it so often. */
const handedOver = {switches: 5000, cpuPercent: 50};

/**
More than one CPU at once, so that nobody waits long, and much of it in the kernel: calls for the lock that return at once. Measured with
two to eight threads on two CPUs: 195 % of a CPU, 56 % of it in the kernel, 50 to 700 switches a second each.
*/
const hot = {cpuPercent: 115, systemShare: 0.25};

/** Asleep in anything but a wait for a lock. */
export const isElsewhereAsleep = (process: Process) => (wait: Wait) =>
	wait.kind !== 'running' && !isLockWait(process, wait);

/** Whether the lock is held by threads that sleep: by what its holders were seen to do, else by what the threads do instead of waiting. */
const isHeldAsleep = (
	process: Process,
	threads: readonly Thread[],
	place: Place | undefined,
	isForIt: MatchWait,
): boolean => {
	const held = place?.lock?.heldWhile;
	if (held !== undefined && held.length > 0) {
		const running = held.find(({what}) => what === 'running')?.percent ?? 0;
		return sum(held, ({percent}) => percent) - running > running;
	}

	// Not by the CPU that they get: on a machine without one to spare they would compute, and wait for a CPU instead.
	const isElsewhere = isElsewhereAsleep(process);
	return meanWaiting(threads, wait => isElsewhere(wait) && !isForIt(wait)) > runnableOf(threads);
};

const isAt =
	(place: Place | undefined): MatchWait =>
	({futexAddress}) =>
		futexAddress !== undefined && futexAddress === place?.wait.futexAddress;

/** How a lock is fought for by these threads, which wait for it at a place, or in waits of some kind. */
export const shapeOf = (
	process: Process,
	threads: readonly Thread[],
	place: Place | undefined,
	isForIt: MatchWait = isAt(place),
): Shape => {
	const switches = sum(threads, switchesOf);
	const cpuPercent = sum(threads, thread => orZero(thread.cpuPercent));
	const isConvoy =
		switches >= convoy.switches && microsecondsOf(threads) <= convoy.mostMicroseconds;
	if (isConvoy && switches >= handedOver.switches && cpuPercent >= handedOver.cpuPercent) {
		return 'convoy';
	}

	if (isHeldAsleep(process, threads, place, isForIt)) {
		return 'asleep';
	}

	if (isConvoy) {
		return 'convoy';
	}

	return cpuPercent >= hot.cpuPercent && isInKernel(process, hot.systemShare) ? 'hot' : 'computing';
};
