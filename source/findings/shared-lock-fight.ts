import type {Lock} from '../model/lock.js';
import type {Process} from '../model/process.js';
import type {Snapshot} from '../model/snapshot.js';
import type {Thread} from '../model/thread.js';
import type {Wait} from '../model/wait.js';
import type {ProcessGroup} from './group.js';
import {fewestWaiters, type LockFight} from './lock-fight-parts.js';
import {shapeOf} from './lock-fight-shape.js';
import {areSiblings} from './related.js';
import type {Moment} from './rule.js';
import {doesEnoughToFeed, shapeAtSemaphore} from './semaphore-turns.js';
import {areShortOfCpus} from './short-of-cpus.js';
import {cpuLimit, sharesOf, sum, switchesOf, withThreads} from './thread-facts.js';
import {isAnyWaiting, waitingIn} from './thread-marks.js';
import {
	isProvenLock,
	isSemaphoreCall,
	lockOf,
	type MatchWait,
	type Place,
	waitPercent,
} from './wait-facts.js';
import {isCallForWork} from './waits-for-work.js';

/*
A lock that the processes of a service share: multiprocessing.Lock, a mutex with PTHREAD_PROCESS_SHARED, a semaphore of semop(2). Each of them may
have a single thread, so that none of them looks like a fight by itself.
*/

/** Fewer switches are nobody's trouble. */
const fewestSwitches = 20;

/** A process of the service over several seconds, and its view of the lock; what it is called in all of them. */
type User = {process: Process; key: string; lock?: Lock};

const mayBeFought = ({kind, sharedId}: Lock): boolean =>
	sharedId !== undefined && (isProvenLock(kind) || kind === 'semaphore');

const inOtherCalls = waitingIn('other');

const keyOf = (process: Process, wait: Wait): string | undefined => {
	if (isSemaphoreCall(wait)) {
		return wait.target;
	}

	const lock = lockOf(process, wait);
	return lock && mayBeFought(lock) ? lock.sharedId : undefined;
};

const none: readonly User[] = [];

const usersIn = (process: Process): readonly User[] => {
	const {locks, threads} = process;
	const isInOtherCall = isAnyWaiting(threads, inOtherCalls);
	// Most processes of a machine have neither.
	if (locks === undefined && !isInOtherCall) {
		return none;
	}

	const users = (locks ?? [])
		.filter(mayBeFought)
		.map((lock): User => ({process, key: lock.sharedId!, lock}));
	const sets = isInOtherCall
		? new Set(threads.flatMap(thread => sharesOf(thread).find(isSemaphoreCall)?.target ?? []))
		: [];
	return [...users, ...[...sets].map((key): User => ({process, key}))];
};

/** Those of the service's processes that were seen at a lock that others share, by the lock. */
const usersByKey = (group: ProcessGroup): ReadonlyMap<string, readonly User[]> => {
	const byKey = new Map<string, User[]>();
	for (const user of group.processes.flatMap(usersIn)) {
		const known = byKey.get(user.key);
		if (known) {
			known.push(user);
		} else {
			byKey.set(user.key, [user]);
		}
	}

	return byKey;
};

/** Holders are threads that have it one after the other, so that one of them tells what they all wait for. */
const areTurnsToAccept = (users: readonly User[]): boolean =>
	users.some(({lock}) => isCallForWork(lock?.heldWhile?.[0]?.what));

const atLock =
	({process, key}: User): MatchWait =>
	wait =>
		keyOf(process, wait) === key;

/** Its threads that were seen to want the lock or to have it. */
const threadsAt = (user: User): readonly Thread[] => {
	const holders = new Set((user.lock?.holders ?? []).map(({tid}) => tid));
	return user.process.threads.filter(
		thread => waitPercent(thread, atLock(user)) > 0 || holders.has(thread.tid),
	);
};

/** All of them as if they were threads of one process, which is the first. */
const asOne = (users: readonly User[]): Process => ({
	...withThreads(users[0]!.process, users.flatMap(threadsAt)),
	locks: users.flatMap(({lock}) => lock ?? []),
});

const placeOf = (users: readonly User[]): Place | undefined => {
	const waits = users.flatMap(user =>
		user.process.threads.flatMap(thread => {
			const percent = waitPercent(thread, atLock(user));
			const wait = sharesOf(thread).find(atLock(user));
			return wait ? [{tid: thread.tid, percent, wait}] : [];
		}),
	);
	const [first] = waits;
	const {key, lock} = users[0]!;
	return (
		first && {
			word: key,
			waiters: sum(waits, ({percent}) => percent) / 100,
			tids: waits.map(({tid}) => tid),
			wait: first.wait,
			...(lock && {lock}),
		}
	);
};

/** Who hands out work posts it at a semaphore, too: their parent, or another child of it. */
const mayBeFed = (users: readonly User[], one: Process, {processes}: Snapshot): boolean => {
	const pids = new Set(users.map(({process}) => process.pid));
	return processes.some(
		other =>
			!pids.has(other.pid) &&
			(other.pid === one.parentPid || areSiblings(other, one)) &&
			doesEnoughToFeed(other, one),
	);
};

const fightOf = (users: readonly User[], latest: Snapshot): LockFight | undefined => {
	const {cpus} = cpuLimit(users[0]!.process, latest.host);
	const place = placeOf(users);
	if (!place || areTurnsToAccept(users)) {
		return undefined;
	}

	const process = asOne(users);
	const {threads} = process;
	const isForIt: MatchWait = wait => keyOf(process, wait) === place.word;
	const fight = {
		process,
		sharedBy: users.map(each => each.process),
		tids: threads.map(({tid}) => tid),
		waiters: place.waiters,
		place,
	};
	if (place.lock === undefined || place.lock.kind === 'semaphore') {
		const shape = mayBeFed(users, process, latest)
			? undefined
			: shapeAtSemaphore(process, place, isForIt, cpus);
		return shape && {...fight, shape, by: 'semaphore', confidence: 'likely', lockText: place.word};
	}

	const shape = shapeOf(process, threads, place, isForIt);
	const isShort = shape === 'computing' && areShortOfCpus(threads, place.waiters, cpus);
	return place.waiters >= fewestWaiters && switchesOf(process) >= fewestSwitches && !isShort
		? {...fight, shape, by: 'lock', confidence: 'certain'}
		: undefined;
};

/** Fights for locks that several processes of a service share. */
export const sharedLockFightsOf = (moment: Moment, group: ProcessGroup): readonly LockFight[] => {
	const {latest, isExplained, overSeveralSeconds} = moment;
	return [...usersByKey(group).values()].flatMap(seen => {
		const users = seen
			.filter(({process}) => !process.threads.some(({tid}) => isExplained(tid)))
			.map(user => ({...user, process: overSeveralSeconds(user.process)}));
		return users.length > 1 ? (fightOf(users, latest) ?? []) : [];
	});
};
