import type {Process} from '../model/process.js';
import type {Thread} from '../model/thread.js';
import type {Wait} from '../model/wait.js';
import {runnableOf} from './lock-fight-parts.js';
import {cpuMicrosecondsPerSwitch, isInKernel, sum, switchesOf} from './thread-facts.js';
import {isUntimedFutex, meanWaiting, type Place} from './wait-facts.js';

/** A semaphore or a futex of unknown kind may be an idle pool's: measured convoys switch 18,000 times a second and more. */
const unproven = {switches: 5000, mostMicroseconds: 100, threads: 3, runnableAboveCpus: 0.5};

/**
One that was recognised as a semaphore, and where the kernel burns a good part of the CPU though its threads are in no other call: they
ask for it and get it, or not, without sleeping long. Measured 76 to 95 % of one CPU of two in the kernel, 120 switches a second each.
*/
const semaphore = {switchesOfEach: 20, systemShare: 0.25, mostElsewhere: 0.05};

/** So many switches with so little work in between that no pool is known to have them. */
export const isHandedAround = (process: Process): boolean =>
	switchesOf(process) >= unproven.switches &&
	(cpuMicrosecondsPerSwitch(process) ?? Number.POSITIVE_INFINITY) <= unproven.mostMicroseconds;

/** Asleep in anything but a wait that may be for the lock. */
export const isAsleepOtherwise = (wait: Wait): boolean =>
	wait.kind !== 'running' && !isUntimedFutex(wait);

/** A semaphore on which the kernel's work is spent: its threads are seen in no other call. */
const isSpentOnSemaphore = (process: Process, {lock, tids}: Place): boolean => {
	const users = process.threads.filter(({tid}) => tids.includes(tid));
	return (
		lock?.kind === 'semaphore' &&
		sum(users, switchesOf) >= semaphore.switchesOfEach * users.length &&
		isInKernel(process, semaphore.systemShare) &&
		meanWaiting(users, isAsleepOtherwise) <= users.length * semaphore.mostElsewhere
	);
};

/** Whether threads at a word that may be an idle pool's can only fight for it: more of them want to run than there are CPUs. */
export const isFoughtByCrowd = (
	process: Process,
	threads: readonly Thread[],
	place: Place,
	cpus: number,
): boolean =>
	runnableOf(threads) >= cpus + unproven.runnableAboveCpus &&
	place.tids.length >= unproven.threads &&
	(isHandedAround(process) || isSpentOnSemaphore(process, place));
