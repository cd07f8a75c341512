import type {Process} from '../model/process.js';
import type {Wait} from '../model/wait.js';
import type {LockFight} from './lock-fight-parts.js';
import type {Moment} from './rule.js';
import {hasOneLock} from './runtime-waits.js';
import {doesEnoughToFeed, shapeAtSemaphore} from './semaphore-turns.js';
import {withThreads} from './thread-facts.js';
import {activeThreads} from './thread-marks.js';
import {crowdedPlaces, lockOf} from './wait-facts.js';

/** More of them at work than this, and they have permits enough; three are told where one works. */
const mostFreeShare = 0.55;

/**
The fight for a semaphore inside one process that is used as a lock: its threads take turns, and nobody else of the process does enough to hand
out work by it.
*/
export const semaphoreFightOf = (
	{isExplained, overSeveralSeconds}: Moment,
	latest: Process,
	cpus: number,
): LockFight | undefined => {
	// The locks of such interpreters are semaphores themselves, and have rules of their own.
	if (hasOneLock(latest) || !latest.locks?.some(({kind}) => kind === 'semaphore')) {
		return undefined;
	}

	const process = overSeveralSeconds(latest);
	const threads = activeThreads(process.threads).filter(({tid}) => !isExplained(tid));
	const isForOne = (wait: Wait) => lockOf(process, wait)?.kind === 'semaphore';
	const [place] = crowdedPlaces(process, threads, isForOne);
	const users = threads.filter(({tid}) => place?.tids.includes(tid));
	const {lock} = place ?? {};
	if (!place || !lock) {
		return undefined;
	}

	const ofUsers = withThreads(process, users);
	const mayBeFed = threads.some(
		thread => !users.includes(thread) && doesEnoughToFeed(thread, ofUsers),
	);
	const isForIt = (wait: Wait) => lockOf(process, wait)?.id === lock.id;
	const shape = mayBeFed
		? undefined
		: shapeAtSemaphore(ofUsers, place, isForIt, cpus, users.length * mostFreeShare);
	return (
		shape && {
			process,
			shape,
			by: 'semaphore',
			confidence: 'likely',
			tids: place.tids,
			waiters: place.waiters,
			place,
		}
	);
};
