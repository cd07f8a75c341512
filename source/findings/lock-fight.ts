import type {Confidence} from '../model/finding.js';
import type {Lock} from '../model/lock.js';
import type {Process} from '../model/process.js';
import type {Host} from '../model/system.js';
import type {Thread} from '../model/thread.js';
import type {WaitShare} from '../model/wait.js';
import {lastVersions} from './recent.js';
import type {Moment} from './rule.js';
import {
	cpuLimit,
	cpuMicrosecondsPerSwitch,
	orZero,
	sum,
	switchesOf,
	wantedCpuPercent,
} from './thread-facts.js';
import {
	activeThreads,
	areWaitsHidden,
	crowdedPlaces,
	isLockWait,
	isNoLock,
	isUntimedFutex,
	meanWaiting,
	type Place,
	waitPercent,
} from './wait-facts.js';

/** Fewer waiters are the price of any lock. */
const fewestWaiters = 0.5;

/** Two threads that fight are hardly ever seen asleep, 3 to 6 % of looks, yet they switch thousands of times a second. */
const fewestBriefWaiters = 0.03;
const switchesOfBriefWaits = 3000;

/** A convoy hands the lock over more often than it gets work done: measured 14 to 58 µs of CPU a switch. */
const convoy = {switches: 1000, mostMicroseconds: 150};

/** A semaphore or a futex of unknown kind may be an idle pool's: measured convoys switch 18,000 times a second and more. */
const unproven = {switches: 5000, mostMicroseconds: 100, threads: 3, runnableAboveCpus: 0.5};

/** All but one thread wait, and that one sleeps: what is left of N threads is one, in each of the last seconds. */
const onlyOne = {least: 0.75, most: 1.25, waiters: 1.5, asleep: 0.4};

/** Without the waits: so many threads that take turns, user code for the better part, more runnable than CPUs. */
const signature = {switches: 5000, threads: 3, microseconds: 100, systemShare: 0.55, aboveCpus: 1};

const parked = {threads: 3, switches: 5000, microseconds: 60, futexShare: 0.9};

/** How a lock is fought for. `convoy`: handed around; `computing`: its holder computes; `asleep`: its holder sleeps. */
export type Shape = 'convoy' | 'computing' | 'asleep';

export type LockFight = {
	process: Process;
	shape: Shape;
	confidence: Confidence;
	/** What was seen: waits of a kind that only locks have, a futex that may be a semaphore, parked threads, rates alone. */
	by: 'lock' | 'futex' | 'park' | 'rates';
	tids: readonly number[];
	/** Mean number of threads that wait for the lock. */
	waiters: number;
	/** Where most of them wait. */
	place?: Place;
};

const runnableOf = (threads: readonly Thread[]): number =>
	sum(threads, thread => wantedCpuPercent(thread) ?? 0) / 100;

const isElsewhereAsleep = (process: Process) => (wait: WaitShare) =>
	wait.kind !== 'running' && !isLockWait(process, wait);

/** Whether the lock is held by threads that sleep: by what its holders were seen to do, else by what the threads do instead of waiting. */
const isHeldAsleep = (
	process: Process,
	threads: readonly Thread[],
	place: Place | undefined,
): boolean => {
	const held = place?.lock?.heldWhile;
	if (held !== undefined && held.length > 0) {
		const running = held.find(({what}) => what === 'running')?.percent ?? 0;
		return sum(held, ({percent}) => percent) - running > running;
	}

	// Not by the CPU that they get: on a machine without one to spare they would compute, and wait for a CPU instead.
	return meanWaiting(threads, isElsewhereAsleep(process)) > runnableOf(threads);
};

const shapeOf = (process: Process, threads: readonly Thread[], place: Place | undefined): Shape => {
	if (isHeldAsleep(process, threads, place)) {
		return 'asleep';
	}

	const switches = sum(threads, switchesOf);
	const perSwitch =
		(sum(threads, thread => orZero(thread.cpuPercent)) * 10_000) / Math.max(1, switches);
	return switches >= convoy.switches && perSwitch <= convoy.mostMicroseconds
		? 'convoy'
		: 'computing';
};

const byLock = (process: Process, threads: readonly Thread[]): LockFight | undefined => {
	const isLock = (wait: WaitShare) => isLockWait(process, wait);
	const waiters = meanWaiting(threads, isLock);
	const switches = sum(threads, switchesOf);
	const brief =
		switches >= switchesOfBriefWaits &&
		waiters >= fewestBriefWaiters &&
		meanWaiting(threads, isElsewhereAsleep(process)) < waiters;
	if (waiters < fewestWaiters && !brief) {
		return undefined;
	}

	const taking = threads.filter(thread => waitPercent(thread, isLock) > 0);
	const place = crowdedPlaces(process, taking, isLock)[0];
	return {
		process,
		shape: shapeOf(process, threads, place),
		by: 'lock',
		confidence: 'certain',
		tids: taking.map(thread => thread.tid),
		waiters,
		...(place && {place}),
	};
};

/** Whether it can be a lock: no recognised condition variable, and no interpreter's own. */
const mayBeLock = (process: Process) => (wait: WaitShare) =>
	isUntimedFutex(wait) && !isNoLock(process, wait);

const byCrowd = (
	process: Process,
	threads: readonly Thread[],
	cpus: number,
): LockFight | undefined => {
	const perSwitch = cpuMicrosecondsPerSwitch(process) ?? Number.POSITIVE_INFINITY;
	if (
		switchesOf(process) < unproven.switches ||
		perSwitch > unproven.mostMicroseconds ||
		runnableOf(threads) < cpus + unproven.runnableAboveCpus
	) {
		return undefined;
	}

	const place = crowdedPlaces(process, threads, mayBeLock(process))[0];
	return place && place.tids.length >= unproven.threads
		? {
				process,
				shape: 'convoy',
				by: 'futex',
				confidence: 'likely',
				tids: place.tids,
				waiters: place.waiters,
				place,
			}
		: undefined;
};

/** How much of all threads that use a place was elsewhere in one Snapshot; 1 when one of them has what the others wait for. */
const elsewhere = (process: Process, place: Place): number => {
	const users = process.threads.filter(thread => place.tids.includes(thread.tid));
	return users.length - meanWaiting(users, wait => wait.futexAddress === place.wait.futexAddress);
};

const bySleepingHolder = (
	moment: Moment,
	process: Process,
	threads: readonly Thread[],
): LockFight | undefined => {
	const place = crowdedPlaces(process, threads, mayBeLock(process))[0];
	if (!place || place.wait.futexAddress === undefined || place.waiters < onlyOne.waiters) {
		return undefined;
	}

	const users = threads.filter(thread => place.tids.includes(thread.tid));
	const asleep = users.filter(
		thread => waitPercent(thread, wait => wait.kind !== 'running' && !isUntimedFutex(wait)) > 0,
	);
	const isAsleep =
		meanWaiting(users, wait => wait.kind !== 'running' && !isUntimedFutex(wait)) >= onlyOne.asleep;
	// In a pool the one that feeds it sleeps, always the same: here each gets its turn.
	const versions = lastVersions(moment.history, process);
	const always =
		versions.length > 0 &&
		versions.every(version => {
			const free = elsewhere(version, place);
			return free >= onlyOne.least && free <= onlyOne.most;
		});
	return isAsleep && always && asleep.length >= users.length / 2
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

const monitorFrames =
	/ObjectMonitor::(?:enter|Enter|try_enter)|ObjectSynchronizer::(?:enter|fast_enter|slow_enter)/;

/** Threads of the JVM's own are no users of the program's locks. */
const ownThreads =
	/^(?:VM |G1 |GC |C[12] Compiler|Monitor Deflat|Common-Cleaner|Service Thread|Signal Dispatch|Reference Handl|Finalizer|Notification|Sweeper)/;

/** Java's threads park each on a word of its own: nothing but stacks, or a rate no pool has, tells a lock. */
const byParking = (process: Process, threads: readonly Thread[]): LockFight | undefined => {
	if (process.runtime?.name !== 'jvm') {
		return undefined;
	}

	const working = threads.filter(thread => !ownThreads.test(thread.name));
	const parking = working.filter(thread => waitPercent(thread, isFutex) > 0);
	const waiters = meanWaiting(parking, isFutex);
	const tids = parking.map(thread => thread.tid);
	const entering = process.threads.filter(
		thread => tids.includes(thread.tid) && thread.stack?.some(frame => monitorFrames.test(frame)),
	);
	const fight = {
		process,
		shape: 'convoy',
		by: 'park',
		waiters,
	} as const;
	if (entering.length >= 1 && waiters >= fewestWaiters) {
		return {...fight, confidence: 'certain', tids: entering.map(thread => thread.tid)};
	}

	const perSwitch =
		(sum(working, thread => orZero(thread.cpuPercent)) * 10_000) /
		Math.max(1, sum(working, switchesOf));
	const elsewhereShare = meanWaiting(working, wait => wait.kind !== 'running' && !isFutex(wait));
	return parking.length >= parked.threads &&
		sum(working, switchesOf) >= parked.switches &&
		perSwitch <= parked.microseconds &&
		elsewhereShare <= waiters * (1 - parked.futexShare) &&
		sum(working, thread => orZero(thread.cpuPercent)) >= 40
		? {...fight, confidence: 'possible', tids}
		: undefined;
};

const isFutex = (wait: WaitShare): boolean => wait.kind === 'futex' || wait.kind === 'lock';

/** Another user's process: what a convoy looks like from outside, when nothing healthy is known to look like it. */
const byRates = (process: Process, cpus: number): LockFight | undefined => {
	const switching = process.threads.filter(
		thread => orZero(thread.voluntarySwitchesPerSecond) >= 200,
	);
	const switches = sum(switching, thread => orZero(thread.voluntarySwitchesPerSecond));
	const cpuPercent = orZero(process.cpuPercent);
	const runnable = runnableOf(switching);
	return switching.length >= signature.threads &&
		switches >= signature.switches &&
		(cpuPercent * 10_000) / switches <= signature.microseconds &&
		orZero(process.systemCpuPercent) <= cpuPercent * signature.systemShare &&
		runnable >= cpus + signature.aboveCpus
		? {
				process,
				shape: 'convoy',
				by: 'rates',
				confidence: 'possible',
				tids: switching.map(thread => thread.tid),
				waiters: Math.max(0, switching.length - runnable),
			}
		: undefined;
};

const fewestSwitches = 20;

/** Threads that are seen asleep elsewhere most of the time switch because of that. */
const mayHideBriefWaits = (process: Process): boolean => {
	const threads = activeThreads(process.threads);
	return meanWaiting(threads, isElsewhereAsleep(process)) < threads.length / 4;
};

const fightAmong = (moment: Moment, process: Process, cpus: number): LockFight | undefined => {
	const threads = activeThreads(process.threads).filter(thread => !moment.isExplained(thread.tid));
	return threads.length < 2
		? undefined
		: (byLock(process, threads) ??
				byParking(process, threads) ??
				byCrowd(process, threads, cpus) ??
				bySleepingHolder(moment, process, threads));
};

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
		const threads = process.threads.filter(thread => !moment.isExplained(thread.tid));
		return process.runtime ? undefined : byRates({...process, threads}, cpus);
	}

	// Brief waits may be in none of a second's looks.
	return (
		fightAmong(moment, process, cpus) ??
		(switches >= switchesOfBriefWaits && mayHideBriefWaits(process)
			? fightAmong(moment, moment.overSeveralSeconds(process), cpus)
			: undefined)
	);
};

/** The lock that is fought for, where it has been recognised. */
export const foughtLock = ({place}: LockFight): Lock | undefined => place?.lock;
