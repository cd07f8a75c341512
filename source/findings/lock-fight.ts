import type {Process} from '../model/process.js';
import type {Host} from '../model/system.js';
import type {Thread} from '../model/thread.js';
import type {Wait} from '../model/wait.js';
import {areBriefWaits, mayHideBriefWaits} from './brief-waits.js';
import {isAsleepOtherwise, isFoughtByCrowd} from './crowd-fight.js';
import {hiddenLockFightOf} from './hidden-lock-fight.js';
import {fewestWaiters, type LockFight} from './lock-fight-parts.js';
import {shapeOf} from './lock-fight-shape.js';
import {parkedLockFightOf} from './parked-lock-fight.js';
import {mayBeQueueOfPool, pythonLockFightOf} from './python-lock-fight.js';
import {isPython} from './python-version.js';
import {lastVersions} from './recent.js';
import {rubyMutexFightOf} from './ruby-mutex-fight.js';
import type {Moment} from './rule.js';
import {semaphoreFightOf} from './semaphore-fight.js';
import {areShortOfCpus} from './short-of-cpus.js';
import {teamLockFightOf} from './team-lock-fight.js';
import {cpuLimit, everyWait, medianOf, someWait, switchesOf, wakesOf} from './thread-facts.js';
import {activeThreads, isAnyWaiting, waitingIn} from './thread-marks.js';
import {
	areWaitsHidden,
	crowdedPlaces,
	isFutexWait,
	isLockWait,
	isRunning,
	lockOf,
	mayBeLock,
	meanWaiting,
	type Place,
	placeWordOf,
	waitPercent,
} from './wait-facts.js';
import {isCallForWork} from './waits-for-work.js';

/** Of a process that switches less nothing is asked. */
const fewestSwitches = 20;

/** All but one thread wait, and that one sleeps: what is left of N threads is one, in each of the last seconds. */
const onlyOne = {least: 0.65, most: 1.6, waiters: 1.5, asleep: 0.4};

/** How much less often than those who were seen at a lock others sleep that want it as well: measured up to 2.7 times. */
const mostTimesFewerWakes = 4;

/** Those that were seen there, and those that sleep about as often while no look saw where: their sleep is too short. */
const usersOf = (tids: readonly number[], threads: readonly Thread[]): readonly number[] => {
	const seen = new Set(tids);
	const usual = medianOf(
		threads.filter(({tid}) => seen.has(tid)),
		wakesOf,
	);
	return threads
		.filter(
			thread =>
				seen.has(thread.tid) ||
				(everyWait(thread, isRunning) && wakesOf(thread) * mostTimesFewerWakes >= usual),
		)
		.map(({tid}) => tid);
};

/** A lock may only say whose turn it is to wait for the next connection. */
const isTurnToAccept = (place: Place | undefined): boolean =>
	isCallForWork(place?.lock?.heldWhile?.[0]?.what);

const byLock = (
	process: Process,
	threads: readonly Thread[],
	cpus: number,
): LockFight | undefined => {
	const isLock = (wait: Wait) => isLockWait(process, wait);
	const waiters = meanWaiting(threads, isLock);
	const brief = areBriefWaits(process, threads, waiters);
	if (waiters < fewestWaiters && !brief) {
		return undefined;
	}

	const taking = threads.filter(thread => waitPercent(thread, isLock) > 0);
	const tids = taking.map(thread => thread.tid);
	const place = crowdedPlaces(process, taking, isLock)[0];
	const shape = shapeOf(process, threads, place);
	if (isTurnToAccept(place) || (shape === 'computing' && areShortOfCpus(threads, waiters, cpus))) {
		return undefined;
	}

	return {
		process,
		shape,
		by: 'lock',
		confidence: 'certain',
		tids: brief ? usersOf(tids, threads) : tids,
		waiters,
		...(place && {place}),
	};
};

const byCrowd = (
	process: Process,
	threads: readonly Thread[],
	place: Place,
	cpus: number,
): LockFight | undefined =>
	isFoughtByCrowd(process, threads, place, cpus)
		? {
				process,
				shape: 'convoy',
				by: 'futex',
				confidence: 'likely',
				tids: usersOf(place.tids, threads),
				waiters: place.waiters,
				place,
			}
		: undefined;

/** How much of all threads that use a place was elsewhere in one Snapshot; 1 when one of them has what the others wait for. */
const elsewhere = (process: Process, place: Place): number => {
	const users = process.threads.filter(thread => place.tids.includes(thread.tid));
	return users.length - meanWaiting(users, wait => placeWordOf(wait) === place.word);
};

/**
Those that were seen asleep elsewhere in one of the Snapshots: a second's looks are too few to see each of many threads asleep. In a pool
the one that feeds it sleeps, always the same; where a lock is held over sleeps each gets its turn.
*/
const sleepersAmong = (versions: readonly Process[], {tids}: Place): ReadonlySet<number> => {
	const users = new Set(tids);
	return new Set(
		versions.flatMap(({threads}) =>
			threads
				.filter(thread => users.has(thread.tid) && waitPercent(thread, isAsleepOtherwise) > 0)
				.map(({tid}) => tid),
		),
	);
};

const bySleepingHolder = (
	moment: Moment,
	process: Process,
	threads: readonly Thread[],
	place: Place,
): LockFight | undefined => {
	const {futexAddress, lockId} = place.wait;
	if ((futexAddress ?? lockId) === undefined || place.waiters < onlyOne.waiters) {
		return undefined;
	}

	const users = threads.filter(thread => place.tids.includes(thread.tid));
	if (meanWaiting(users, isAsleepOtherwise) < onlyOne.asleep) {
		return undefined;
	}

	const versions = lastVersions(moment.history, process);
	const always =
		versions.length > 0 &&
		versions.every(version => {
			const free = elsewhere(version, place);
			return free >= onlyOne.least && free <= onlyOne.most;
		});
	return always && sleepersAmong(versions, place).size >= users.length / 2
		? {
				process,
				shape: 'asleep',
				by: 'futex',
				confidence: place.lock?.kind === 'semaphore' ? 'likely' : 'possible',
				tids: place.tids,
				waiters: place.waiters,
				place,
			}
		: undefined;
};

/** By what threads do at the place where most of them wait, whatever it is. */
const atCrowdedPlace = (
	moment: Moment,
	process: Process,
	threads: readonly Thread[],
	cpus: number,
): LockFight | undefined => {
	const [place] = crowdedPlaces(process, threads, mayBeLock(process));
	if (!place || isTurnToAccept(place)) {
		return undefined;
	}

	const crowd = byCrowd(process, threads, place, cpus);
	// Workers of a pool in Python all wait at one word, and the fight that they switch for may be the one for the GIL.
	const isOther = crowd && isPython(process, 3) && mayBeQueueOfPool(moment, process, place);
	return (isOther ? undefined : crowd) ?? bySleepingHolder(moment, process, threads, place);
};

/** Often enough to be a matter of its own. */
const leastPercentAtOwnLock = 5;

const mayHaveOwnLocks = (process: Process): boolean =>
	process.locks !== undefined && isPython(process, 3);

/** Threads that fight for Python's own lock may do so because of one of the program's, which was recognised: that one is the cause. */
const isAtOwnLock = (process: Process, thread: Thread): boolean =>
	mayHaveOwnLocks(process) &&
	waitPercent(thread, wait => mayBeLock(process)(wait) && lockOf(process, wait) !== undefined) >=
		leastPercentAtOwnLock;

const atFutexes = waitingIn('futex', 'lock');

const fightAmong = (moment: Moment, process: Process, cpus: number): LockFight | undefined => {
	// All of these tell a fight by waits at futexes, and most processes of a machine have none.
	if (!isAnyWaiting(process.threads, atFutexes)) {
		return undefined;
	}

	const threads = activeThreads(process.threads).filter(
		thread => !moment.isExplained(thread.tid) || isAtOwnLock(process, thread),
	);
	return threads.length < 2 || !threads.some(thread => someWait(thread, isFutexWait))
		? undefined
		: (byLock(process, threads, cpus) ??
				parkedLockFightOf(process, threads) ??
				pythonLockFightOf(moment, process, threads) ??
				rubyMutexFightOf(moment, process, threads) ??
				atCrowdedPlace(moment, process, threads, cpus) ??
				semaphoreFightOf(moment, process, cpus));
};

/** Brief waits may be in none of a second's looks. */
const mayBeBrief = ({isExplained}: Moment, process: Process): boolean =>
	mayHideBriefWaits(process) &&
	(mayHaveOwnLocks(process) ||
		activeThreads(process.threads).filter(({tid}) => !isExplained(tid)).length >= 2);

/** Of two or three threads that wait for a part of their time a second's looks are too few to tell how many do on average. */
const isCloseCall = (process: Process): boolean => {
	const waiters = isAnyWaiting(process.threads, atFutexes)
		? meanWaiting(activeThreads(process.threads), wait => isLockWait(process, wait))
		: 0;
	return waiters >= fewestWaiters / 2 && waiters < fewestWaiters;
};

/** Several seconds are summed up only where that can tell anything: it costs. */
const fightOverSeconds = (moment: Moment, process: Process, cpus: number): LockFight | undefined =>
	mayBeBrief(moment, process) || isCloseCall(process)
		? fightAmong(moment, moment.overSeveralSeconds(process), cpus)
		: undefined;

/** Threads that sleep and wake, while no look saw one of them do anything but run: their waits are short, and what for is not told. */
const isNeverSeenWaiting = (process: Process): boolean =>
	activeThreads(process.threads).every(({waits = []}) => waits.every(isRunning));

/** The fight for a lock inside one process, by threads that no cause explains yet; nothing when there is none to be seen. */
export const lockFightOf = (
	moment: Moment,
	process: Process,
	host: Host,
): LockFight | undefined => {
	const switches = switchesOf(process);
	if (process.threads.length < 2 || switches < fewestSwitches) {
		return undefined;
	}

	const {cpus} = cpuLimit(process, host);
	if (areWaitsHidden(moment.history, process)) {
		return (
			(process.runtime ? undefined : hiddenLockFightOf(moment, process)) ??
			teamLockFightOf(moment, process)
		);
	}

	return (
		fightAmong(moment, process, cpus) ??
		fightOverSeconds(moment, process, cpus) ??
		(process.runtime === undefined && isNeverSeenWaiting(process)
			? hiddenLockFightOf(moment, process)
			: undefined)
	);
};
