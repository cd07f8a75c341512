import type {Lock} from '../model/lock.js';
import type {Process} from '../model/process.js';
import {isKnown} from '../model/reading.js';
import {semaphoreCalls} from '../model/semaphore-calls.js';
import type {Snapshot} from '../model/snapshot.js';
import type {Thread} from '../model/thread.js';
import type {Wait, WaitShare} from '../model/wait.js';
import {lastVersions} from './recent.js';
import {remember} from './remember.js';
import {sharesOf, sum} from './thread-facts.js';
import {fewestToRemember} from './thread-marks.js';

export type MatchWait = (wait: Wait) => boolean;

/** Share of the looks at a thread at which it was in such a wait. */
export const waitPercent = ({waits, wait}: Thread, matches: MatchWait): number => {
	// Rules ask this of each idle thread each tick: nothing is made.
	if (waits === undefined || waits.length === 0) {
		return isKnown(wait) && matches(wait) ? 100 : 0;
	}

	let percent = 0;
	for (const share of waits) {
		percent += matches(share) ? share.percent : 0;
	}

	return percent;
};

/** Mean number of threads in such a wait. */
export const meanWaiting = (threads: readonly Thread[], matches: MatchWait): number =>
	sum(threads, thread => waitPercent(thread, matches)) / 100;

// Aligned down: the two words of a condition variable, and of a glibc rwlock's phases, lie side by side.
export const wordOf = remember(address => `futex:0x${(BigInt(address) & ~7n).toString(16)}`);

const lockMaps = new WeakMap<readonly Lock[], ReadonlyMap<string, Lock>>();

/** A pool may have a word for each of its threads, and each of them is asked for its own. */
const locksById = (locks: readonly Lock[]): ReadonlyMap<string, Lock> => {
	const known = lockMaps.get(locks);
	if (known) {
		return known;
	}

	// Of several with the same id the first one counts.
	const byId = new Map(locks.toReversed().map(lock => [lock.id, lock]));
	lockMaps.set(locks, byId);
	return byId;
};

/** The process's lock that a futex wait is at, where it has been recognised. */
export const lockOf = ({locks}: Process, {futexAddress, lockId}: Wait): Lock | undefined => {
	if (locks === undefined || (futexAddress === undefined && lockId === undefined)) {
		return undefined;
	}

	const id = lockId ?? wordOf(futexAddress!);
	return locks.length < fewestToRemember
		? locks.find(lock => lock.id === id)
		: locksById(locks).get(id);
};

const provenLocks: ReadonlySet<string> = new Set([
	'mutex',
	'rwlock',
	'stdio',
	'loader',
	'arena',
	'lock',
	'once',
	'monitor',
]);
const noLocks = new Set(['condition', 'barrier', 'park', 'join', 'gil']);

/** Whether this kind of Lock is one for sure. */
export const isProvenLock = (kind: string): boolean => provenLocks.has(kind);

/** Whether what a futex wait is at was recognised as no lock: a condition variable, a parked thread. */
export const isNoLock = (process: Process, wait: Wait): boolean => {
	const lock = lockOf(process, wait);
	return lock !== undefined && noLocks.has(lock.kind);
};

/**
Values that a word with waiters has in glibc's rwlocks (pthread_rwlock_common.c: in use, with or without
the writer's phase) and in Rust's mutexes, while its condition variables and semaphores have other ones.
*/
const valuesOfLocks = new Set([2, 3]);

/** Of glibc's other locks. */
const contended = 2;

/** Program or library: `python3.11`, `libpython3.11.so.1.0`. */
const isPythonImage = remember(region => /^(?:lib)?python\d/.test(region));

/** CPython's own words lie in its image: those of the GIL, which is told as that. */
const isInterpretersOwn = ({runtime}: Process, {region}: Wait): boolean =>
	runtime?.name === 'cpython' && region !== undefined && isPythonImage(region);

/** Whether it is a lock that the thread waits for, by the futex call's arguments or by what was read of the lock. */
export const isLockWait = (process: Process, wait: Wait): boolean => {
	if ((wait.kind !== 'futex' && wait.kind !== 'lock') || isInterpretersOwn(process, wait)) {
		return false;
	}

	const lock = lockOf(process, wait);
	// No lock is waited for while its word says that it is free; condition variables and semaphores are, with 0, and writers of Rust's RwLock.
	if (wait.kind === 'futex' && wait.futexValue === 0 && lock?.kind !== 'rwlock') {
		return false;
	}

	if (lock && (provenLocks.has(lock.kind) || noLocks.has(lock.kind))) {
		return provenLocks.has(lock.kind);
	}

	// A count, as of std::latch: others wait there for other values.
	if (lock?.kind === 'futex' && wait.futexOperation === 'WAIT' && wait.futexValue === contended) {
		return false;
	}

	return (
		wait.kind === 'lock' ||
		(wait.futexOperation === 'WAIT_BITSET' &&
			wait.timed === false &&
			valuesOfLocks.has(wait.futexValue ?? 0))
	);
};

export const isFutexWait = ({kind}: Wait): boolean => kind === 'futex' || kind === 'lock';

export const isRunning = ({kind}: Wait): boolean => kind === 'running';

/** A wait for a semaphore of System V, which has no word: the call names its set. */
export const isSemaphoreCall = ({call, target}: Wait): boolean =>
	target !== undefined && semaphoreCalls.has(call);

/** A futex wait without a time limit. */
export const isUntimedFutex = (wait: Wait): boolean => isFutexWait(wait) && wait.timed !== true;

/** Whether it can be a lock: no recognised condition variable, and no interpreter's own. */
export const mayBeLock = (process: Process) => (wait: Wait) =>
	isUntimedFutex(wait) && !isNoLock(process, wait);

/** Threads that were seen at one futex word. */
export type Place = {
	word: string;
	/** Mean number of threads there. */
	waiters: number;
	tids: readonly number[];
	wait: WaitShare;
	lock?: Lock;
};

/** Where addresses are not known, the region stands for them. */
export const placeWordOf = ({futexAddress, lockId, region}: Wait): string =>
	futexAddress === undefined ? (lockId ?? region ?? '?') : wordOf(futexAddress);

/** Where threads wait, by futex word: the most crowded first. */
export const crowdedPlaces = (
	process: Process,
	threads: readonly Thread[],
	matches: MatchWait,
): readonly Place[] => {
	const places = new Map<string, {percent: number; tids: number[]; wait: WaitShare}>();
	for (const thread of threads) {
		for (const share of sharesOf(thread)) {
			if (!matches(share)) {
				continue;
			}

			const word = placeWordOf(share);
			const known = places.get(word);
			if (known === undefined) {
				places.set(word, {percent: share.percent, tids: [thread.tid], wait: share});
				continue;
			}

			known.percent += share.percent;
			if (known.tids.at(-1) !== thread.tid) {
				known.tids.push(thread.tid);
			}
		}
	}

	return [...places]
		.map(([word, {percent, tids, wait}]): Place => {
			const lock = lockOf(process, wait);
			return {word, waiters: percent / 100, tids, wait, ...(lock && {lock})};
		})
		.sort((one, other) => other.waiters - one.waiters);
};

/**
Whether the kernel refused to say what the process's threads wait for. One sleeping thread is enough to
know; of running ones nothing is refused, so the last seconds are asked.
*/
export const areWaitsHidden = (history: readonly Snapshot[], process: Process): boolean => {
	const isSeen = ({waits}: Thread) => waits !== undefined && waits.length > 0;
	const isRefused = ({wait}: Thread) => wait === null;
	if (process.threads.some(isSeen)) {
		return false;
	}

	return (
		process.threads.some(isRefused) ||
		lastVersions(history, process).some(({threads}) => threads.some(isRefused))
	);
};
