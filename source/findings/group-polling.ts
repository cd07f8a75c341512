import type {Process} from '../model/process.js';
import type {Snapshot} from '../model/snapshot.js';
import type {Thread} from '../model/thread.js';
import type {Wait} from '../model/wait.js';
import type {ProcessGroup} from './group.js';
import {pollersByTimers} from './polling-by-timers.js';
import {pollersByRates} from './polling-signature.js';
import {idleThreads, isHousekeeping, isNearlyIdle, type PollingThread} from './polling-thread.js';
import {orZero, sharesOf, someWait, sum, switchesOf, wakesOf} from './thread-facts.js';

/** Threads nobody looked at count as their siblings do when nearly all of those poll. */
const alikeShare = 0.8;

/** They use about as much CPU as those. */
const mostTimesTheirCpu = 3;
const littleCpuPercent = 0.5;

/** The longest limit that was seen, of deadlines whose rest alone can be read, may be half of what the others have. */
const mostTimesTheirLimit = 2;

/** A thread or two that tick may be what hands out the work of others: those wake as often as these, or half as often. */
const feeders = {most: 2, leastWokenShare: 0.5};

/** The polling of all processes of a service. */
export type Polling = {
	group: ProcessGroup;
	/** Seen to poll. */
	seen: readonly PollingThread[];
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

/** The longest time limit of each call that threads poll with. */
const limitsOf = (seen: readonly PollingThread[]): ReadonlyMap<string, number> => {
	const limits = new Map<string, number>();
	for (const {wait} of seen) {
		const call = wait.call ?? wait.kind;
		limits.set(call, Math.max(limits.get(call) ?? 0, wait.timeoutMilliseconds ?? 0));
	}

	return limits;
};

/**
Threads of a process that wait as its pollers do. On a busy machine some of them wake so seldom, or are seen so seldom, that their
own numbers don't tell; yet they do what their siblings do.
*/
const waitingAlike = (
	{threads}: Process,
	limits: ReadonlyMap<string, number>,
	isTaken: (thread: Thread) => boolean,
): readonly Thread[] => {
	const isAlike = ({kind, call, timed, timeoutMilliseconds = 0}: Wait): boolean => {
		if (timed === false || timeoutMilliseconds <= 0) {
			return false;
		}

		const limit = limits.get(call ?? kind);
		return limit !== undefined && timeoutMilliseconds <= limit * mostTimesTheirLimit;
	};

	return threads.filter(
		thread =>
			someWait(thread, isAlike) &&
			(switchesOf(thread) === 0 || isNearlyIdle(thread)) &&
			!isTaken(thread),
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

/** Sums up the polling of a service's threads that no cause explains yet; nothing when none was seen to poll. */
export const pollingOfGroup = (
	group: ProcessGroup,
	latest: Snapshot,
	isExplained: (tid: number) => boolean,
): Polling | undefined => {
	const {tcpSegmentsReceivedPerSecond} = latest.system;
	const seen: PollingThread[] = [];
	const guessed: Thread[] = [];
	const unseen: Thread[] = [];
	const processes: Process[] = [];
	const monitors = new Set<Thread>();
	let looked = 0;
	let timersPerSecond = 0;
	const isUnexplained = (thread: Thread) => wakesOf(thread) > 0 && !isExplained(thread.tid);
	for (const process of group.processes) {
		if (!process.threads.some(isUnexplained)) {
			continue;
		}

		const idle = idleThreads(process, isExplained, tcpSegmentsReceivedPerSecond);
		looked += idle.looked;
		seen.push(...idle.polling);
		unseen.push(...idle.unseen);
		if (idle.monitor) {
			monitors.add(idle.monitor);
		}

		const byTimers = pollersByTimers(process, latest, isExplained);
		timersPerSecond += byTimers?.timersPerSecond ?? 0;
		const byRates =
			byTimers?.threads ?? pollersByRates(process, isExplained, tcpSegmentsReceivedPerSecond);
		guessed.push(...byRates);
		if (idle.polling.length + idle.unseen.length + byRates.length > 0) {
			processes.push(process);
		}
	}

	if (seen.length + guessed.length === 0) {
		return undefined;
	}

	const known = new Set([...seen.map(({thread}) => thread), ...guessed]);
	const limits = limitsOf(seen);
	const alike = new Set(
		processes.flatMap(process =>
			waitingAlike(
				process,
				limits,
				thread =>
					known.has(thread) ||
					monitors.has(thread) ||
					isHousekeeping(process, thread) ||
					isExplained(thread.tid),
			),
		),
	);
	if (seen.length > 0 && seen.length >= looked * alikeShare) {
		const cpuOfEach = sum(seen, ({thread}) => orZero(thread.cpuPercent)) / seen.length;
		const most = cpuOfEach * mostTimesTheirCpu + littleCpuPercent;
		for (const thread of unseen) {
			if (!known.has(thread) && orZero(thread.cpuPercent) <= most) {
				alike.add(thread);
			}
		}
	}

	const threads = [...known, ...alike];
	return {
		group,
		seen,
		alike: [...alike],
		guessed,
		...(timersPerSecond > 0 && {timersPerSecond}),
		threads,
		processes,
		wakesPerSecond:
			sum(seen, thread => thread.wakesPerSecond) +
			sum([...alike, ...guessed], thread => orZero(thread.voluntarySwitchesPerSecond)),
		cpuPercent: sum(threads, thread => orZero(thread.cpuPercent)),
	};
};
