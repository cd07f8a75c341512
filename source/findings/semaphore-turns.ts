import type {Process} from '../model/process.js';
import type {Thread} from '../model/thread.js';
import type {WaitKind} from '../model/wait.js';
import {isFoughtByCrowd, isHandedAround} from './crowd-fight.js';
import type {Shape} from './lock-fight-parts.js';
import {orZero, switchesOf} from './thread-facts.js';
import {isRunning, type MatchWait, meanWaiting, type Place, waitPercent} from './wait-facts.js';

/**
A semaphore is a lock where all but one wait for it, that one computes, and each gets its turn: a pool would have as many at work as there is
work for, and one that waits for it asleep elsewhere. Measured with two to eight processes 0.9 to 1.3 that don't wait.
*/
const turns = {
	users: 3,
	free: {least: 0.65, most: 1.6},
	mostAsleepElsewhere: 0.05,
	leastCpuPercent: 60,
	waitingPercentOfEach: 10,
	leastAsleep: 0.4,
	ofItselfShare: 0.9,
	/** Who is woken waits for a CPU beside the one that woke it: of such as have next to nothing to do up to half are ready to run. */
	mostFreeShareHandedAround: 0.5,
	convoySwitches: 5000,
};

/** Sleeps that nobody hands out work by: who reads a pipe or a socket under a lock may be the one whose turn it is to get the next job. */
const sleepsOfHolders: ReadonlySet<WaitKind> = new Set(['sleep', 'disk', 'page-fault']);

const mostFreeOf = (one: Process): number =>
	isHandedAround(one)
		? Math.max(turns.free.most, one.threads.length * turns.mostFreeShareHandedAround)
		: turns.free.most;

/** Who hands out work by a semaphore is at work itself. */
const feeder = {cpuPercent: 5, switchesShare: 0.1};

/** Whether another thread or process does so much, beside those that use a semaphore, that it may hand out work by it. */
export const doesEnoughToFeed = (other: Thread | Process, users: Process): boolean =>
	orZero(other.cpuPercent) >= feeder.cpuPercent ||
	switchesOf(other) >= switchesOf(users) * feeder.switchesShare;

/**
What a semaphore is taken for; undefined where it may be a pool's. `mostFree`: so many may be at work at once where nobody is there who could hand
out work by it, so that its permits are what they wait for.
*/
export const shapeAtSemaphore = (
	one: Process,
	place: Place,
	isForIt: MatchWait,
	cpus: number,
	mostFree = mostFreeOf(one),
): Shape | undefined => {
	const {threads} = one;
	if (isFoughtByCrowd(one, threads, place, cpus)) {
		return 'convoy';
	}

	const {waiters, tids} = place;
	const free = threads.length - waiters;
	const areTurns =
		tids.length >= turns.users &&
		tids.length === threads.length &&
		free >= turns.free.least &&
		free <= mostFree &&
		threads.every(thread => waitPercent(thread, isForIt) >= turns.waitingPercentOfEach);
	if (!areTurns) {
		return undefined;
	}

	const asleep = meanWaiting(threads, wait => !isRunning(wait) && !isForIt(wait));
	if (asleep <= threads.length * turns.mostAsleepElsewhere) {
		if (orZero(one.cpuPercent) < turns.leastCpuPercent) {
			return undefined;
		}

		return switchesOf(one) >= turns.convoySwitches ? 'convoy' : 'computing';
	}

	const ofItself = meanWaiting(threads, ({kind}) => sleepsOfHolders.has(kind));
	return ofItself >= turns.leastAsleep && ofItself >= asleep * turns.ofItselfShare
		? 'asleep'
		: undefined;
};
