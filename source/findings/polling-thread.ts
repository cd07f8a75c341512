import {createMemo} from '../model/memo.js';
import type {Process} from '../model/process.js';
import type {Thread} from '../model/thread.js';
import type {Wait, WaitKind, WaitShare} from '../model/wait.js';
import {isGoMonitor, isWokenByGoTimers, looksLikeGo} from './go-timers.js';
import {
	type LongestLimits,
	longestLimit,
	longestLimitsOf,
	shareOfTime,
	type TimeInCalls,
	timeInCallsOf,
	waitsUntimedAsWell,
} from './polling-limits.js';
import {isPython} from './python-version.js';
import {hasOneLock, isGilWait, isOnlySeenAtGil, isRuntimesOwn} from './runtime-waits.js';
import {
	cpuMicrosecondsPerSwitch,
	mainWait,
	orZero,
	sharesOf,
	waitVisibility,
	wakesOf,
} from './thread-facts.js';
import {fewestToRemember, marks, threadsMarked} from './thread-marks.js';
import {type MatchWait, waitPercent} from './wait-facts.js';

/**
Wakes times time limit: about 1 when it's the limit that ends the wait. Up to 2.5 for
waits that double their time limit and for the time left of absolute deadlines; a server
that waits for events is far above (nginx: 65 s × 421/s).
*/
const mostWakesPerTimeLimit = 2.5;

/**
Of a sleep, and of a futex's limit, nothing doubles: whoever wakes more often has something else to wait for in between, as a client
that thinks for a while after each answer has. Measured 0.9 to 1.1 for pollers, 1.7 to 3.6 for such clients.
*/
const mostWakesPerSleep = 1.6;

/**
Threads that are given work, and in it sleep for a time, wake for both. They are seen waiting for the work as well, or as many packets come
in as this part of the wakes: then only who wakes about as often as the limit runs out polls. Measured 0.9 to 1.1 for pollers.
*/
const givenWork = {mostShareOfTime: 0.95, segmentsPerWake: 0.5, mostWakesPerTimeLimit: 1.2};

/**
What is not interpreted gets done in less than this what a poller looks for: measured 7 to 43 µs. A loop that sleeps, and then writes a
record and computes its checksum, has 84.
*/
const mostMicrosecondsOfNative = 75;

/** Whether a thread that sleeps by the clock does some work each time, though little. */
const worksByTheClock = ({runtime}: Process, thread: Thread, {kind}: Wait): boolean =>
	runtime === undefined &&
	kind === 'sleep' &&
	(cpuMicrosecondsPerSwitch(thread) ?? 0) > mostMicrosecondsOfNative;

const timedKinds: ReadonlySet<WaitKind> = new Set(['poll', 'epoll', 'futex', 'signal', 'socket']);

/** A thread that a time limit wakes, and that then does next to nothing. */
export type PollingThread = {thread: Thread; wakesPerSecond: number; wait: WaitShare};

/** Above this share of its time a thread's fight for a lock may take any number of switches for each wake. */
const muchFighting = 15;

/** Share of the looks at which a thread slept for a lock, which makes further switches of a wake. */
const fightingPercent = (process: Process, thread: Thread): number =>
	waitPercent(thread, wait => wait.kind === 'lock' || isGilWait(process, wait));

/** What was seen of a process's threads together, made when it's asked for: of most processes nobody does. */
type Together = {limits: LongestLimits; times: TimeInCalls; getsPackets: boolean};

/** Waits that are for a lock, or may be: an interpreter's own looks like any futex wait without a time limit, but for Python 3's. */
const mayBeForLock =
	(process: Process): MatchWait =>
	wait =>
		wait.kind === 'lock' ||
		isGilWait(process, wait) ||
		(wait.kind === 'futex' && wait.timed === false && hasOneLock(process) && !isPython(process, 3));

const lookTogether = (process: Process, getsPackets: boolean): Together => ({
	limits: longestLimitsOf(process),
	times: timeInCallsOf(process, mayBeForLock(process)),
	getsPackets,
});

/** CPU from one wake to the next, as of threads that are nearly idle; on a busy machine these have many involuntary switches in between. */
const mostMicrosecondsPerWake = 250;

const worksAtWakes = (process: Process, thread: Thread): boolean =>
	!hasOneLock(process) &&
	orZero(thread.cpuPercent) * 10_000 > wakesOf(thread) * mostMicrosecondsPerWake;

/** Whether it's a time limit that ends the wait, not an event. */
const isEndedByLimit = (
	process: Process,
	thread: Thread,
	wait: WaitShare,
	together: () => Together,
): boolean => {
	const {kind, timed, timeoutMilliseconds} = wait;
	const isPlain = kind === 'sleep' || kind === 'futex';
	if (
		timed === false ||
		!(kind === 'sleep' || (timedKinds.has(kind) && timeoutMilliseconds !== undefined)) ||
		waitsUntimedAsWell(thread, wait) ||
		worksAtWakes(process, thread)
	) {
		return false;
	}

	const {limits, times, getsPackets} = together();
	const perSecond = wakesOf(thread);
	const own = timeoutMilliseconds ?? 0;
	const limit = isPlain ? longestLimit(limits[kind], own, perSecond) : own;
	// While it is in other waits no limit of this one runs out.
	const share = shareOfTime(times, wait);
	const wakes = (perSecond * limit) / 1000 / share;
	if (!isPlain) {
		return wakes <= (getsPackets ? givenWork.mostWakesPerTimeLimit : mostWakesPerTimeLimit);
	}

	if (share < givenWork.mostShareOfTime) {
		return wakes <= (getsPackets ? givenWork.mostWakesPerTimeLimit : mostWakesPerSleep);
	}

	if (wakes <= mostWakesPerSleep) {
		return true;
	}

	const fighting = fightingPercent(process, thread);
	const isAlone = fighting === 0 && !hasOneLock(process);
	// A sleep has nothing else to end it.
	return (
		(!isAlone && wakes <= mostWakesPerTimeLimit) || (kind === 'sleep' && fighting >= muchFighting)
	);
};

/**
Wakes by the time limit. A thread that has to fight for the GIL at each wake goes to sleep for that as well, once or more: of its
switches only as many are wakes as the limit allows.
*/
const wakesByLimit = (process: Process, thread: Thread, wait: WaitShare): number => {
	const switches = thread.voluntarySwitchesPerSecond ?? 0;
	const fights =
		process.runtime !== undefined && sharesOf(thread).some(share => isGilWait(process, share));
	return fights && wait.timeoutMilliseconds
		? Math.min(switches, 1000 / wait.timeoutMilliseconds)
		: switches;
};

/** The threads of a process that wake often and do next to nothing. */
export type IdleThreads = {
	/** Those that a time limit wakes, without those that the runtime keeps for itself. */
	polling: readonly PollingThread[];
	/** How many of them somebody looked at. */
	looked: number;
	/** Those that have a time limit as well, and wake more often than it lets them: something else wakes them. */
	wokenOtherwise: readonly Thread[];
	/** The one that Go keeps to watch the others. */
	monitor?: Thread;
	/** Those that nobody looked at, or never while they waited for anything but the interpreter's lock. */
	unseen: readonly Thread[];
};

/** The nearly idle threads of a process, whether a cause explains them or not. */
type Sorted = {
	tcpSegmentsPerSecond: number;
	getsPackets: boolean;
	isGo: boolean;
	polling: readonly PollingThread[];
	/** Seen, and not polling. */
	others: readonly Thread[];
	/** Those of them that wake more often than their time limit lets them. */
	wokenOtherwise: readonly Thread[];
	unseen: readonly Thread[];
};

/** Whether as many packets come in, whomever they are for, as it would take to wake a process's threads for work. */
const mayGetPackets = (process: Process, tcpSegmentsPerSecond: number): boolean =>
	tcpSegmentsPerSecond > 0 &&
	tcpSegmentsPerSecond >= orZero(process.voluntarySwitchesPerSecond) * givenWork.segmentsPerWake;

const sortOut = (process: Process, tcpSegmentsPerSecond: number): Sorted => {
	const polling: PollingThread[] = [];
	const others: Thread[] = [];
	const wokenOtherwise: Thread[] = [];
	const unseen: Thread[] = [];
	const getsPackets = mayGetPackets(process, tcpSegmentsPerSecond);
	let seen: Together | undefined;
	const together = (): Together => {
		seen ??= lookTogether(process, getsPackets);
		return seen;
	};

	const isGo = looksLikeGo(process);
	const goTimersWake = isGo && isWokenByGoTimers(process, tcpSegmentsPerSecond);
	for (const thread of threadsMarked(process.threads, marks.nearlyIdle)) {
		if (waitVisibility(thread) === 'unknown' || isOnlySeenAtGil(process, thread)) {
			unseen.push(thread);
			continue;
		}

		const wait = mainWait(thread);
		if (wait !== undefined && worksByTheClock(process, thread, wait)) {
			others.push(thread);
			continue;
		}

		const isItsOwn = wait !== undefined && !isRuntimesOwn(process, thread, wait);
		if (isItsOwn && (goTimersWake || isEndedByLimit(process, thread, wait, together))) {
			polling.push({thread, wakesPerSecond: wakesByLimit(process, thread, wait), wait});
			continue;
		}

		others.push(thread);
		// At futexes an interpreter's lock makes further switches, of which a few looks may show none.
		if (isItsOwn && wait.timed === true && (wait.kind !== 'futex' || !hasOneLock(process))) {
			wokenOtherwise.push(thread);
		}
	}

	return {tcpSegmentsPerSecond, getsPackets, isGo, polling, others, wokenOtherwise, unseen};
};

const sortedBefore = createMemo<Process, Sorted>();

/** Several rules ask for the same process in a tick, each with other threads explained. */
const sortedOf = (process: Process, tcpSegmentsPerSecond: number): Sorted => {
	if (process.threads.length < fewestToRemember) {
		return sortOut(process, tcpSegmentsPerSecond);
	}

	const before = sortedBefore.get(process);
	if (
		before &&
		(before.isGo
			? before.tcpSegmentsPerSecond === tcpSegmentsPerSecond
			: before.getsPackets === mayGetPackets(process, tcpSegmentsPerSecond))
	) {
		return before;
	}

	const sorted = sortOut(process, tcpSegmentsPerSecond);
	sortedBefore.set(process, sorted);
	return sorted;
};

/** Threads of a process that poll, by their ids, whatever explains them. */
export const pollingTids = (process: Process): ReadonlySet<number> =>
	new Set(sortedOf(process, 0).polling.map(({thread}) => thread.tid));

/**
Sorts out the nearly idle threads of a process, but for those that a cause explains. `tcpSegmentsPerSecond`: what the machine received,
whomever it was for.
*/
export const idleThreads = (
	process: Process,
	isExplained: (tid: number) => boolean,
	tcpSegmentsPerSecond = 0,
): IdleThreads => {
	const sorted = sortedOf(process, tcpSegmentsPerSecond);
	const polling = sorted.polling.filter(({thread}) => !isExplained(thread.tid));
	const monitor = sorted.isGo ? polling.find(({wait}) => isGoMonitor(wait)) : undefined;
	return {
		polling: polling.filter(thread => thread !== monitor),
		wokenOtherwise: sorted.wokenOtherwise,
		...(monitor && {monitor: monitor.thread}),
		looked: polling.length + sorted.others.filter(({tid}) => !isExplained(tid)).length,
		unseen: sorted.unseen.filter(({tid}) => !isExplained(tid)),
	};
};
