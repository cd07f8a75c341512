import type {Lock} from '../model/lock.js';
import type {Process} from '../model/process.js';
import type {Snapshot} from '../model/snapshot.js';
import type {Thread} from '../model/thread.js';
import type {Wait} from '../model/wait.js';
import {ioStallPercent} from './io-wait.js';
import {javaHerdOf} from './java-herd.js';
import {runnableOf} from './lock-fight-parts.js';
import {outsideWakesOf} from './outside-wakes.js';
import type {Moment} from './rule.js';
import {
	isInKernel,
	medianOf,
	microsecondsOf,
	orZero,
	sum,
	switchesOf,
	variationOf,
	wakesOf,
} from './thread-facts.js';
import {activeThreads} from './thread-marks.js';
import {
	areWaitsHidden,
	crowdedPlaces,
	isLockWait,
	isRunning,
	isUntimedFutex,
	meanWaiting,
	waitPercent,
} from './wait-facts.js';

/** Fewer make no herd. */
export const fewestMembers = 8;

/** All of them wake for each event, so each as often as the others: measured up to 0.35 of the mean, with pools far above. */
export const mostVariation = 0.35;

/** Wakes that find nothing: 3 to 5 µs, most of it in the kernel, were measured, for pools that get work 80, for convoys 20. */
const conditionHerd = {
	switches: 5000,
	microseconds: 15,
	waitingShare: 0.1,
	/** Those that were woken queue up at the mutex of the condition variable. */
	withMutexShare: 0.35,
	queueShare: 0.7,
	systemShare: 0.45,
	/** Where all wake as one, the one that finds work may spend more on it than the others on waking. */
	asOne: {variation: 0.05, queueShare: 0.8},
};

/**
Who hands work out piece by piece sleeps, or is put aside by the one that it wakes, for nearly each wake: measured 0.57 to 0.85 times for each
in a pool flat out. Who wakes all at once does so once for all of them.
*/
const mostSwitchesOfOne = 0.4;

/** Where nobody may look at the waits all signs must be strong; a little less so where nobody but themselves can have woken them. */
const herdOfOthers = {
	switches: {any: 20_000, fromInside: 5000},
	mostTimers: 0.3,
	variation: 0.1,
	share: 0.8,
	microseconds: {any: 8, fromInside: 15},
	queueShare: 0.75,
	systemShare: {any: 0.6, fromInside: 0.5},
	/** From one event to the next they sleep: measured 0.16 to 0.21 of them ready to run, where of those that fight for a lock 0.43 to 1 are. */
	mostRunnableShare: 0.4,
	/** Measured 77 to 79 with eight threads that read past the page cache, 65,000 wakes a second. */
	mostIoStallPercent: 30,
};

export type Herd = {
	processes: readonly Process[];
	threads: readonly Thread[];
	call: string;
	/** Mean number of threads that wait at the same place. */
	waiting: number;
	wakesPerConnection?: number;
	/** How many event loops were seen to watch one socket together, so that each connection wakes them all. */
	wokenTogether?: number;
	/** Whether rates alone tell: the waits were refused, or each thread sleeps at a word of its own. */
	hidden?: true;
	/** The JVM's own condition that they wait at. */
	lock?: Lock;
};

/** Of the time that they could run, what they wait for a CPU: those that wake all at once queue up behind each other. */
export const queueShareOf = (threads: readonly Thread[]): number => {
	const cpu = sum(threads, thread => orZero(thread.cpuPercent));
	const waited = sum(threads, thread => orZero(thread.runQueueWaitPercent));
	return cpu + waited > 0 ? waited / (cpu + waited) : 0;
};

/** Whether a value differs from another one by no more than a share of that. */
export const isNear = (value: number, middle: number, share: number): boolean =>
	Math.abs(value - middle) <= middle * share;

/** By rates alone: all wake as often as the others, for nothing, in the kernel, and queue up. */
const herdByRates = (
	process: Process,
	threads: readonly Thread[],
	latest: Snapshot,
): Herd | undefined => {
	// A disk wakes each thread that reads from it, as often as the others.
	if ((ioStallPercent(latest) ?? 0) >= herdOfOthers.mostIoStallPercent) {
		return undefined;
	}

	const outside = outsideWakesOf([process], latest);
	const wakes = orZero(process.voluntarySwitchesPerSecond);
	const signs =
		outside !== undefined && outside.timers <= wakes * herdOfOthers.mostTimers
			? 'fromInside'
			: 'any';
	const median = medianOf(threads, wakesOf);
	const members = threads.filter(thread => isNear(wakesOf(thread), median, herdOfOthers.variation));
	// Time limits that run out together share an interrupt: as many as one of them wakes can have woken all.
	if (outside !== undefined && outside.leftTimers >= median) {
		return undefined;
	}

	return members.length >= fewestMembers &&
		members.length >= threads.length * herdOfOthers.share &&
		runnableOf(members) <= members.length * herdOfOthers.mostRunnableShare &&
		sum(members, switchesOf) >= herdOfOthers.switches[signs] &&
		microsecondsOf(members) <= herdOfOthers.microseconds[signs] &&
		queueShareOf(members) >= herdOfOthers.queueShare &&
		isInKernel(process, herdOfOthers.systemShare[signs])
		? {processes: [process], threads: members, call: 'futex', waiting: 0, hidden: true}
		: undefined;
};

const isElsewhere = (wait: Wait): boolean => !isRunning(wait) && !isUntimedFutex(wait);

/** Those that no look saw there wake as often as the others all the same: each event wakes all. */
const withAlike = (
	members: readonly Thread[],
	known: ReadonlySet<number>,
	threads: readonly Thread[],
): readonly Thread[] => {
	const median = medianOf(members, wakesOf);
	return threads.filter(
		thread =>
			known.has(thread.tid) ||
			(isNear(wakesOf(thread), median, mostVariation) && waitPercent(thread, isElsewhere) === 0),
	);
};

/** Python's Condition makes a lock for each thread that waits. */
const sleepsAtOwnWords = ({runtime}: Process, threads: readonly Thread[]): boolean =>
	runtime?.name === 'cpython' &&
	meanWaiting(threads, isUntimedFutex) >= threads.length * conditionHerd.withMutexShare;

/** Not in a JVM: a pool whose every thread is woken for a job of each burst has the same rates there, as `javaHerdOf` says. */
const mayTellByRates = (
	process: Process,
	threads: readonly Thread[],
	isHidden: boolean,
): boolean => (isHidden ? process.runtime?.name !== 'jvm' : sleepsAtOwnWords(process, threads));

const wakeAsOne = (members: readonly Thread[]): boolean =>
	variationOf(members) <= conditionHerd.asOne.variation &&
	queueShareOf(members) >= conditionHerd.asOne.queueShare;

const isHandedOut = (threads: readonly Thread[]): boolean => {
	const most = Math.max(...threads.map(switchesOf));
	const busiest = threads.find(thread => switchesOf(thread) === most);
	const others = sum(threads, thread => (thread === busiest ? 0 : wakesOf(thread)));
	return most >= others * mostSwitchesOfOne;
};

/** All at one place, where they were seen. */
const herdAtPlace = (process: Process, threads: readonly Thread[]): Herd | undefined => {
	const isCondition = (wait: Wait) =>
		wait.kind === 'futex' && wait.timed !== true && !isLockWait(process, wait);
	const place = crowdedPlaces(process, threads, isCondition)[0];
	const tids = new Set(place?.tids);
	const members = threads.filter(({tid}) => tids.has(tid));
	return place &&
		members.length >= fewestMembers &&
		place.waiters >= members.length * conditionHerd.waitingShare &&
		meanWaiting(members, isUntimedFutex) >= members.length * conditionHerd.withMutexShare &&
		sum(members, switchesOf) >= conditionHerd.switches &&
		variationOf(members) <= mostVariation &&
		microsecondsOf(members) <= conditionHerd.microseconds &&
		queueShareOf(members) >= conditionHerd.queueShare &&
		(wakeAsOne(members) || isInKernel(process, conditionHerd.systemShare))
		? {
				processes: [process],
				threads: withAlike(members, tids, threads),
				call: 'futex',
				waiting: place.waiters,
			}
		: undefined;
};

export const conditionHerdOf = (moment: Moment, process: Process): Herd | undefined => {
	if (process.threads.length < fewestMembers || switchesOf(process) < conditionHerd.switches) {
		return undefined;
	}

	const threads = activeThreads(process.threads).filter(({tid}) => !moment.isExplained(tid));
	if (threads.length < fewestMembers || isHandedOut(threads)) {
		return undefined;
	}

	const isHidden = areWaitsHidden(moment.history, process);
	const seen = isHidden
		? undefined
		: (javaHerdOf(process, threads) ?? herdAtPlace(process, threads));
	return (
		seen ??
		(mayTellByRates(process, threads, isHidden)
			? herdByRates(process, threads, moment.latest)
			: undefined)
	);
};
