import type {Process} from '../model/process.js';
import type {Thread} from '../model/thread.js';
import {fewestWaiters, type LockFight} from './lock-fight-parts.js';
import {remember} from './remember.js';
import {microsecondsOf, orZero, sum, switchesOf} from './thread-facts.js';
import {isFutexWait, meanWaiting, waitPercent} from './wait-facts.js';

const parked = {threads: 3, switches: 5000, microseconds: 60, futexShare: 0.9};

const monitorFrames =
	/ObjectMonitor::(?:enter|Enter|try_enter)|ObjectSynchronizer::(?:enter|fast_enter|slow_enter)/;

/** Threads of the JVM's own are no users of the program's locks. */
const isJvmsOwn = remember(name =>
	/^(?:VM |G1 |GC |C[12] Compiler|Monitor Deflat|Common-Cleaner|Service Thread|Signal Dispatch|Reference Handl|Finalizer|Notification|Sweeper)/.test(
		name,
	),
);

/** Of the parked ones, so many that the JVM says they wait at a condition, to be woken, tell that no lock is fought for. */
const mostAtConditions = 0.5;

/** How many wait at conditions as the JVM says; futexes of that kind are its own. */
const waitingToBeWoken = ({locks = []}: Process): number =>
	sum(locks, ({kind, id, waitersAverage}) =>
		kind === 'condition' && !id.startsWith('futex:') ? waitersAverage : 0,
	);

/** The fight for a lock in a JVM: its threads park each on a word of its own, and nothing but stacks, or a rate no pool has, tells a lock. */
export const parkedLockFightOf = (
	process: Process,
	threads: readonly Thread[],
): LockFight | undefined => {
	if (
		process.runtime?.name !== 'jvm' ||
		(switchesOf(process) < parked.switches && !threads.some(({stack}) => stack))
	) {
		return undefined;
	}

	const working = threads.filter(thread => !isJvmsOwn(thread.name));
	const parking = working.filter(thread => waitPercent(thread, isFutexWait) > 0);
	const waiters = meanWaiting(parking, isFutexWait);
	const tids = parking.map(thread => thread.tid);
	const entering = parking.filter(({stack}) => stack?.some(frame => monitorFrames.test(frame)));
	const fight = {
		process,
		shape: 'convoy',
		by: 'park',
		waiters,
	} as const;
	if (entering.length >= 1 && waiters >= fewestWaiters) {
		return {...fight, confidence: 'certain', tids: entering.map(thread => thread.tid)};
	}

	const elsewhereShare = meanWaiting(
		working,
		wait => wait.kind !== 'running' && !isFutexWait(wait),
	);
	return parking.length >= parked.threads &&
		sum(working, switchesOf) >= parked.switches &&
		microsecondsOf(working) <= parked.microseconds &&
		elsewhereShare <= waiters * (1 - parked.futexShare) &&
		waitingToBeWoken(process) <= waiters * mostAtConditions &&
		sum(working, thread => orZero(thread.cpuPercent)) >= 40
		? {...fight, confidence: 'possible', tids}
		: undefined;
};
