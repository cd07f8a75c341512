import type {Process} from '../model/process.js';
import type {Snapshot} from '../model/snapshot.js';
import type {Thread} from '../model/thread.js';
import type {Wait, WaitShare} from '../model/wait.js';
import type {ProcessGroup} from './group.js';
import {pollersByTimers} from './polling-by-timers.js';
import {pollersByRates} from './polling-signature.js';
import {idleThreads, type PollingThread} from './polling-thread.js';
import {isHousekeeping} from './runtime-waits.js';
import {orZero, sharesOf, someWait, sum, wakesOf} from './thread-facts.js';
import {marks, threadsMarked} from './thread-marks.js';

/** Threads nobody looked at count as their siblings do when nearly all of those poll. */
const alikeShare = 0.8;

/** They use about as much CPU as those. */
const mostTimesTheirCpu = 3;
const littleCpuPercent = 0.5;

/** The longest limit that was seen, of deadlines whose rest alone can be read, may be half of what the others have. */
const mostTimesTheirLimit = 2;

/** A thread or two that tick may be what hands out the work of others: those wake as often as these, or half as often. */
const feeders = {most: 2, leastWokenShare: 0.5};

/** A call that threads poll with: how many of them, and the wait with the longest time limit that was seen. */
export type PollingCall = {threads: number; wait: WaitShare};

/** The polling of all processes of a service. */
export type Polling = {
	group: ProcessGroup;
	/** Seen to poll. */
	seen: readonly PollingThread[];
	/** What these wait in, by call. */
	calls: ReadonlyMap<string, PollingCall>;
	/** Not looked at or hardly awake in this second, but waiting as those, or as idle as those. */
	alike: readonly Thread[];
	/** Of processes that may not be looked into: they wake as a timer would wake them. */
	guessed: readonly Thread[];
	/** What told some of these: timers that ran out on the machine and were nobody else's. */
	timersPerSecond?: number;
	/** All of these, each once. */
	threads: readonly Thread[];
	processes: readonly Process[];
	wakesPerSecond: number;
	cpuPercent: number;
};

const limitOf = ({timeoutMilliseconds}: Wait): number => timeoutMilliseconds ?? 0;

const callsOf = (seen: readonly PollingThread[]): ReadonlyMap<string, PollingCall> => {
	const calls = new Map<string, PollingCall>();
	for (const {wait} of seen) {
		const call = wait.call ?? wait.kind;
		const known = calls.get(call);
		if (known === undefined) {
			calls.set(call, {threads: 1, wait});
			continue;
		}

		known.threads++;
		if (limitOf(wait) > limitOf(known.wait)) {
			known.wait = wait;
		}
	}

	return calls;
};

/**
Threads of a process that wait as its pollers do. On a busy machine some of them wake so seldom, or are seen so seldom, that their
own numbers don't tell; yet they do what their siblings do.
*/
const waitingAlike = (
	{threads}: Process,
	calls: ReadonlyMap<string, PollingCall>,
	isTaken: (thread: Thread) => boolean,
): readonly Thread[] => {
	const isAlike = ({kind, call, timed, timeoutMilliseconds = 0}: Wait): boolean => {
		if (timed === false || timeoutMilliseconds <= 0) {
			return false;
		}

		const known = calls.get(call ?? kind);
		return known !== undefined && timeoutMilliseconds <= limitOf(known.wait) * mostTimesTheirLimit;
	};

	return threadsMarked(threads, marks.limited, marks.quiet | marks.nearlyIdle).filter(
		thread => !isTaken(thread) && someWait(thread, isAlike),
	);
};

/** Whether what these threads wake for is to wake others, which then have work: a pool's producer, a test's clock. */
export const handOutWork = (polling: Polling, processes: readonly Process[]): boolean => {
	if (polling.threads.length > feeders.most || polling.guessed.length > 0) {
		return false;
	}

	const ticking = new Set(polling.threads);
	const pids = new Set(polling.processes.map(({pid}) => pid));
	const woken = processes
		.filter(({pid, parentPid}) => pids.has(pid) || pids.has(parentPid))
		.flatMap(({threads}) => threads)
		.filter(thread => !ticking.has(thread) && sharesOf(thread).some(({kind}) => kind !== 'sleep'));
	return (
		sum(woken, thread => orZero(thread.voluntarySwitchesPerSecond)) >=
		polling.wakesPerSecond * feeders.leastWokenShare
	);
};

/** What was found in the processes of a group, one after the other. */
type Found = {
	seen: PollingThread[];
	guessed: Thread[];
	unseen: Thread[];
	processes: Process[];
	/** Those of `seen` and `guessed`, those that wake the others, and those that work wakes: each belongs nowhere else. */
	taken: Set<number>;
	/** Nearly idle threads that somebody looked at. */
	looked: number;
	timersPerSecond: number;
};

const search = (
	group: ProcessGroup,
	latest: Snapshot,
	isExplained: (tid: number) => boolean,
): Found => {
	const {tcpSegmentsReceivedPerSecond} = latest.system;
	const found: Found = {
		seen: [],
		guessed: [],
		unseen: [],
		processes: [],
		taken: new Set(),
		looked: 0,
		timersPerSecond: 0,
	};
	const {seen, guessed, unseen, processes, taken} = found;
	const byTimers = pollersByTimers(group.processes, latest, isExplained);
	found.timersPerSecond = byTimers.timersPerSecond;
	for (const process of group.processes) {
		if (threadsMarked(process.threads, marks.woken).every(({tid}) => isExplained(tid))) {
			continue;
		}

		const idle = idleThreads(process, isExplained, tcpSegmentsReceivedPerSecond);
		found.looked += idle.looked;
		for (const polling of idle.polling) {
			seen.push(polling);
			taken.add(polling.thread.tid);
		}

		unseen.push(...idle.unseen);
		for (const {tid} of idle.wokenOtherwise) {
			taken.add(tid);
		}

		if (idle.monitor) {
			taken.add(idle.monitor.tid);
		}

		const ofProcess = byTimers.threads.get(process.pid);
		const byRates = ofProcess ?? pollersByRates(process, isExplained, tcpSegmentsReceivedPerSecond);
		for (const thread of byRates.filter(({tid}) => !taken.has(tid))) {
			guessed.push(thread);
			taken.add(thread.tid);
		}

		if (idle.polling.length + idle.unseen.length + byRates.length > 0) {
			processes.push(process);
		}
	}

	return found;
};

/** Threads that were not seen to poll, and do what those do that were. */
const alikeOf = (
	{seen, unseen, processes, taken, looked}: Found,
	calls: ReadonlyMap<string, PollingCall>,
	isExplained: (tid: number) => boolean,
): readonly Thread[] => {
	const alike = processes.flatMap(process =>
		waitingAlike(
			process,
			calls,
			thread => taken.has(thread.tid) || isHousekeeping(process, thread) || isExplained(thread.tid),
		),
	);
	if (unseen.length === 0 || seen.length === 0 || seen.length < looked * alikeShare) {
		return alike;
	}

	const cpuOfEach = sum(seen, ({thread}) => orZero(thread.cpuPercent)) / seen.length;
	const most = cpuOfEach * mostTimesTheirCpu + littleCpuPercent;
	const already = new Set(alike);
	const asIdle = unseen.filter(
		thread => !taken.has(thread.tid) && !already.has(thread) && orZero(thread.cpuPercent) <= most,
	);
	return [...alike, ...asIdle];
};

/** Sums up the polling of a service's threads that no cause explains yet; nothing when none was seen to poll. */
export const pollingOfGroup = (
	group: ProcessGroup,
	latest: Snapshot,
	isExplained: (tid: number) => boolean,
): Polling | undefined => {
	const found = search(group, latest, isExplained);
	const {seen, guessed, processes, timersPerSecond} = found;
	if (seen.length + guessed.length === 0) {
		return undefined;
	}

	const calls = callsOf(seen);
	const alike = alikeOf(found, calls, isExplained);
	const threads = [...seen.map(({thread}) => thread), ...guessed, ...alike];
	return {
		group,
		seen,
		calls,
		alike,
		guessed,
		...(timersPerSecond > 0 && {timersPerSecond}),
		threads,
		processes,
		wakesPerSecond:
			sum(seen, thread => thread.wakesPerSecond) + sum(alike, wakesOf) + sum(guessed, wakesOf),
		cpuPercent: sum(threads, thread => orZero(thread.cpuPercent)),
	};
};
