import type {Process} from '../model/process.js';
import type {Thread} from '../model/thread.js';
import type {LockFight} from './lock-fight-parts.js';
import {shapeOf} from './lock-fight-shape.js';
import {recentStacks} from './recent.js';
import type {Moment} from './rule.js';
import {crowdedPlaces, mayBeLock, type Place} from './wait-facts.js';
import {frameOf} from './where.js';

/** So many wait on average, and so many come there and go: who sleeps on has no part in it. */
const fewest = {waiters: 1, taking: 3};

const acquireFrame = /^PyThread_acquire_lock/;
const interpreterFrame = /^_?PyEval_EvalFrame/;
const queueFrame = /queue/i;

/**
What a thread with this stack, innermost first, acquires a lock for: for the program; or for a SimpleQueue, which all workers of a pool
wait at and which has one as well: there its own function stands between the two (Modules/_queuemodule.c). Nothing elsewhere.
*/
export const pythonLockUse = (stack: readonly string[]): 'program' | 'queue' | undefined => {
	const inner = stack.findIndex(frame => acquireFrame.test(frame));
	const outer = stack.findIndex(frame => interpreterFrame.test(frame));
	if (inner === -1 || outer < inner) {
		return undefined;
	}

	return stack.slice(inner, outer).some(frame => queueFrame.test(frame)) ? 'queue' : 'program';
};

/** What the stacks that were read say that threads want at a place. */
const usesAt = ({history}: Moment, process: Process, {tids}: Place): ReadonlySet<string> =>
	new Set(
		recentStacks(history, process)
			.filter(({tid}) => tids.includes(tid))
			.flatMap(({stack}) => pythonLockUse(stack) ?? []),
	);

/** Lines of the standard library in which workers wait for a job. */
const queueLine = /\/(?:concurrent\/futures\/thread|queue)\.py:/;

/**
Whether threads of a process may wait for jobs at a place, rather than for a lock of the program: where no stack was read yet, the line
that is known of it decides, and without one it may be either.
*/
export const mayBeQueueOfPool = (moment: Moment, process: Process, place: Place): boolean => {
	const uses = usesAt(moment, process, place);
	const line = place.lock?.wantedIn;
	return (
		uses.has('queue') || (!uses.has('program') && (line === undefined || queueLine.test(line)))
	);
};

/** Where a worker of a pool asks its SimpleQueue for a job. */
const workerLine = /^_worker \(.*concurrent\/futures\/thread\.py:/;
const leastWorkersShare = 0.25;

/** Whether threads come from the queue of their pool, by the lines that they are in: a stack may be of another wait of theirs. */
const areWorkersOfPool = (threads: readonly Thread[]): boolean =>
	threads.filter(thread => workerLine.test(frameOf(thread) ?? '')).length >=
	threads.length * leastWorkersShare;

/**
The fight for a `threading.Lock`. CPython's are semaphores of glibc. Its conditions, events and most queues have one for each thread
that waits (Lib/threading.py, Condition.wait): several that take turns at one and the same word want a lock, as their stacks must say.
*/
export const pythonLockFightOf = (
	moment: Moment,
	process: Process,
	threads: readonly Thread[],
): LockFight | undefined => {
	if (process.runtime?.name !== 'cpython') {
		return undefined;
	}

	const own = threads.filter(({tid}) => !moment.isExplained(tid));
	const place = crowdedPlaces(process, own, mayBeLock(process))[0];
	if (place?.lock?.kind !== 'semaphore' || place.waiters < fewest.waiters) {
		return undefined;
	}

	// Whoever has it is somewhere else.
	const uses = usesAt(moment, process, place);
	if (!uses.has('program') || uses.has('queue')) {
		return undefined;
	}

	const taking = own.filter(({tid}) => place.tids.includes(tid));
	return taking.length >= fewest.taking && !areWorkersOfPool(taking)
		? {
				process,
				shape: shapeOf(process, taking, place),
				by: 'futex',
				confidence: 'likely',
				tids: place.tids,
				waiters: place.waiters,
				place,
			}
		: undefined;
};
