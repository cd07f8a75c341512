import {createMemo} from '../model/memo.js';
import type {Process} from '../model/process.js';
import type {Thread} from '../model/thread.js';
import type {Wait, WaitKind, WaitShare} from '../model/wait.js';
import {isGoMonitor, isWokenByGoTimers, looksLikeGo} from './go-timers.js';
import {remember} from './remember.js';
import {mainWait, sharesOf, waitVisibility, wakesOf} from './thread-facts.js';
import {fewestToRemember, marks, threadsMarked} from './thread-marks.js';
import {waitPercent} from './wait-facts.js';

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

/** Python 3's threads wait 5 ms at a time for the GIL: that is no polling. */
const gilWaitMilliseconds = 5.5;

const timedKinds: ReadonlySet<WaitKind> = new Set(['poll', 'epoll', 'futex', 'signal', 'socket']);

// Names as /proc/PID/task/TID/comm has them, cut to 15 characters.
const isJvmHousekeeping = remember(name =>
	/^(?:VM Periodic Tas|VM Thread|G1 |GC Thread|Monitor Deflati|C[12] CompilerThre|Common-Cleaner|Sweeper thread|Service Thread|Signal Dispatch|Notification Th|Reference Handl|Finalizer)/.test(
		name,
	),
);

const isInterpreterImage = remember(region => /^(?:lib)?(?:python|pypy)\d?/.test(region));

/** A thread that a time limit wakes, and that then does next to nothing. */
export type PollingThread = {thread: Thread; wakesPerSecond: number; wait: WaitShare};

/** Interpreters besides the main one have theirs on the heap. */
const isOtherGil = ({runtime}: Process, {lockId}: Wait): boolean =>
	lockId !== undefined &&
	(runtime?.otherGils?.some(gil => gil.lockId === lockId) || runtime?.gil?.lockId === lockId);

/** Whether it's the wait for the interpreter's lock of Python 3: short, and on a word inside the interpreter. */
export const isGilWait = (process: Process, wait: Wait): boolean =>
	// Of PyPy's threads one waits for the lock itself, the others at a mutex for that one's place.
	(wait.kind === 'futex' || (wait.kind === 'lock' && process.runtime?.name === 'pypy')) &&
	wait.region !== undefined &&
	(wait.region === process.runtime?.gil?.region ||
		isInterpreterImage(wait.region) ||
		isOtherGil(process, wait)) &&
	(wait.timeoutMilliseconds ?? 0) <= gilWaitMilliseconds;

/** Whether it's one of the JVM's own threads, which wake by the clock whatever the program does. */
export const isHousekeeping = (process: Process, thread: Thread): boolean =>
	process.runtime?.name === 'jvm' && isJvmHousekeeping(thread.name);

const isRuntimesOwn = (process: Process, thread: Thread, wait: WaitShare): boolean =>
	isHousekeeping(process, thread) || isGilWait(process, wait);

/** Whether nothing but its turns at the interpreter's lock was seen of a thread: that tells nothing about what it does in between. */
const isOnlySeenAtGil = (process: Process, thread: Thread): boolean =>
	process.runtime?.name === 'cpython' &&
	sharesOf(thread).every(share => share.kind === 'running' || isGilWait(process, share));

const oneAtATime: ReadonlySet<string | undefined> = new Set(['cpython', 'pypy', 'ruby']);

/** Whether its interpreter lets one thread run at a time: the lock for that makes further switches of a wake, too short to be seen. */
export const hasOneLock = ({runtime}: Process): boolean => oneAtATime.has(runtime?.name);

/** Above this share of its time a thread's fight for a lock may take any number of switches for each wake. */
const muchFighting = 15;

/** Share of the looks at which a thread slept for a lock, which makes further switches of a wake. */
const fightingPercent = (process: Process, thread: Thread): number =>
	waitPercent(thread, wait => wait.kind === 'lock' || isGilWait(process, wait));

/** Threads that wake as often as each other, by steps of a third, in the same kind of wait, have the same limit. */
const stepOfRates = Math.log(4 / 3);
const rateStep = (wakes: number): number => Math.max(0, Math.round(Math.log(wakes) / stepOfRates));

/**
The longest limit that was seen, by kind of wait and step of rates: of limits that are points in time each look shows the rest only,
so that a few looks at one thread may show any part of it.
*/
type LongestLimits = Readonly<Record<'sleep' | 'futex', number[]>>;

const longestLimitsOf = ({threads}: Process): LongestLimits => {
	const limits: LongestLimits = {sleep: [], futex: []};
	for (const thread of threads) {
		const wakes = wakesOf(thread);
		const step = wakes > 0 ? rateStep(wakes) : 0;
		for (const {kind, timeoutMilliseconds = 0} of wakes > 0 ? sharesOf(thread) : []) {
			if (kind === 'sleep' || kind === 'futex') {
				limits[kind][step] = Math.max(limits[kind][step] ?? 0, timeoutMilliseconds);
			}
		}
	}

	return limits;
};

const longestLimit = (limits: readonly number[], own: number, wakes: number): number => {
	const step = rateStep(wakes);
	return Math.max(own, limits[step - 1] ?? 0, limits[step] ?? 0, limits[step + 1] ?? 0);
};

/** A loop that waits for events without a limit now and then has no limit that it polls by. */
const mostUntimedPercent = 4;

const waitsUntimedAsWell = (thread: Thread, {kind, call}: WaitShare): boolean =>
	(kind === 'epoll' || kind === 'poll') &&
	waitPercent(thread, wait => wait.call === call && wait.timed === false) > mostUntimedPercent;

/** Whether it's a time limit that ends the wait, not an event. */
const isEndedByLimit = (
	process: Process,
	thread: Thread,
	wait: WaitShare,
	limitsOf: () => LongestLimits,
): boolean => {
	const {kind, timed, timeoutMilliseconds} = wait;
	if (waitsUntimedAsWell(thread, wait)) {
		return false;
	}

	const isPlain = kind === 'sleep' || kind === 'futex';
	const perSecond = wakesOf(thread);
	const own = timeoutMilliseconds ?? 0;
	const limit = isPlain ? longestLimit(limitsOf()[kind], own, perSecond) : own;
	const wakes = (perSecond * limit) / 1000;
	if (kind === 'sleep' && wakes <= mostWakesPerSleep) {
		return true;
	}

	const fighting = isPlain ? fightingPercent(process, thread) : 0;
	const isAlone = fighting === 0 && !hasOneLock(process);
	const most = isPlain && isAlone ? mostWakesPerSleep : mostWakesPerTimeLimit;
	// A sleep has nothing else to end it.
	return kind === 'sleep'
		? wakes <= most || fighting >= muchFighting
		: timedKinds.has(kind) && timed !== false && timeoutMilliseconds !== undefined && wakes <= most;
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
	/** The one that Go keeps to watch the others. */
	monitor?: Thread;
	/** Those that nobody looked at, or never while they waited for anything but the interpreter's lock. */
	unseen: readonly Thread[];
};

/** The nearly idle threads of a process, whether a cause explains them or not. */
type Sorted = {
	tcpSegmentsPerSecond: number;
	isGo: boolean;
	polling: readonly PollingThread[];
	/** Seen, and not polling. */
	others: readonly Thread[];
	unseen: readonly Thread[];
};

const sortOut = (process: Process, tcpSegmentsPerSecond: number): Sorted => {
	const polling: PollingThread[] = [];
	const others: Thread[] = [];
	const unseen: Thread[] = [];
	// Of most processes nobody asks for them.
	let limits: LongestLimits | undefined;
	const limitsOf = (): LongestLimits => {
		limits ??= longestLimitsOf(process);
		return limits;
	};

	const isGo = looksLikeGo(process);
	const goTimersWake = isGo && isWokenByGoTimers(process, tcpSegmentsPerSecond);
	for (const thread of threadsMarked(process.threads, marks.nearlyIdle)) {
		if (waitVisibility(thread) === 'unknown' || isOnlySeenAtGil(process, thread)) {
			unseen.push(thread);
			continue;
		}

		const wait = mainWait(thread);
		if (
			wait &&
			!isRuntimesOwn(process, thread, wait) &&
			(goTimersWake || isEndedByLimit(process, thread, wait, limitsOf))
		) {
			polling.push({thread, wakesPerSecond: wakesByLimit(process, thread, wait), wait});
		} else {
			others.push(thread);
		}
	}

	return {tcpSegmentsPerSecond, isGo, polling, others, unseen};
};

const sortedBefore = createMemo<Process, Sorted>();

/** Several rules ask for the same process in a tick, each with other threads explained. */
const sortedOf = (process: Process, tcpSegmentsPerSecond: number): Sorted => {
	if (process.threads.length < fewestToRemember) {
		return sortOut(process, tcpSegmentsPerSecond);
	}

	const before = sortedBefore.get(process);
	if (before && (!before.isGo || before.tcpSegmentsPerSecond === tcpSegmentsPerSecond)) {
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
		...(monitor && {monitor: monitor.thread}),
		looked: polling.length + sorted.others.filter(({tid}) => !isExplained(tid)).length,
		unseen: sorted.unseen.filter(({tid}) => !isExplained(tid)),
	};
};
