import {createMemo} from '../model/memo.js';
import type {Process} from '../model/process.js';
import {isKnown} from '../model/reading.js';
import type {Thread} from '../model/thread.js';
import type {Wait, WaitKind} from '../model/wait.js';
import {isNearlyIdle, isStill, orZero, someWait, switchesOf, wakesOf} from './thread-facts.js';

/**
What rules ask first of each thread of a machine, each tick, as bits of one number: thousands of idle threads are then passed over
without reading any of their fields, which by then are in no cache.
*/
const kinds: Readonly<Record<WaitKind, number>> = {
	running: 0,
	futex: 1 << 0,
	lock: 1 << 1,
	join: 1 << 2,
	sleep: 1 << 3,
	poll: 1 << 4,
	epoll: 1 << 5,
	pipe: 1 << 6,
	socket: 1 << 7,
	'file-lock': 1 << 8,
	disk: 1 << 9,
	'kernel-lock': 1 << 10,
	'page-fault': 1 << 11,
	child: 1 << 12,
	signal: 1 << 13,
	terminal: 1 << 14,
	stopped: 1 << 15,
	exited: 1 << 16,
	idle: 1 << 17,
	other: 1 << 18,
};

export const marks = {
	/** Runs now and then, or all the time. */
	active: 1 << 19,
	/** Has not run at all. */
	still: 1 << 20,
	/** Woke at least once. */
	woken: 1 << 28,
	/** No switches are known of it. */
	quiet: 1 << 21,
	nearlyIdle: 1 << 22,
	/** In the state D when it was read. */
	blocked: 1 << 23,
	/** A wait with a time limit. */
	limited: 1 << 24,
	/** A wait that only locks make, by the call's arguments. */
	lockCall: 1 << 25,
	/** Only a thread of the same process can end its waits. */
	endless: 1 << 26,
	/** A wait as Go's threads make. */
	goWait: 1 << 27,
} as const;

/** A thread that switches less than this is asleep, whatever it waits for. */
const leastSwitches = 2;

/** Private, without a time limit, and not interrupted by data: only a thread of the same process can end such a wait. */
const isEndless = ({kind, timed, futexShared}: Wait): boolean =>
	kind === 'join' ||
	((kind === 'lock' || kind === 'futex') && timed === false && futexShared !== true);

/** Go calls futex itself and expects 0 in the word; glibc's locks expect 2, its condition variables use WAIT_BITSET. */
const isWaitOfGo = ({kind, futexOperation, futexValue}: Wait): boolean =>
	kind === 'futex' && futexOperation === 'WAIT' && futexValue === 0;

const marksOfWait = (wait: Wait): number =>
	kinds[wait.kind] |
	(wait.timed !== false && (wait.timeoutMilliseconds ?? 0) > 0 ? marks.limited : 0) |
	(wait.kind === 'lock' || wait.futexRealtime === true ? marks.lockCall : 0) |
	(isWaitOfGo(wait) ? marks.goWait : 0);

const marksOfWaits = ({waits, wait}: Thread): number => {
	if (waits === undefined || waits.length === 0) {
		return isKnown(wait) ? marksOfWait(wait) | (isEndless(wait) ? marks.endless : 0) : 0;
	}

	let all = marks.endless;
	for (const share of waits) {
		all |= marksOfWait(share);
		if (!isEndless(share)) {
			all &= ~marks.endless;
		}
	}

	return all;
};

const marksOfRates = (thread: Thread): number => {
	const switches = switchesOf(thread);
	return (
		(switches >= leastSwitches || orZero(thread.cpuPercent) >= 1 ? marks.active : 0) |
		(isStill(thread) ? marks.still : 0) |
		(switches === 0 ? marks.quiet : 0) |
		(wakesOf(thread) > 0 ? marks.woken : 0) |
		(isNearlyIdle(thread) ? marks.nearlyIdle : 0) |
		(thread.state === 'D' ? marks.blocked : 0)
	);
};

const ofRates =
	marks.active | marks.still | marks.quiet | marks.woken | marks.nearlyIdle | marks.blocked;

/** Whether a thread has all of some marks and one at least of others; its waits are looked at where they decide. */
const isMarked = (thread: Thread, all: number, oneOf: number): boolean => {
	const rates = ((all | oneOf) & ofRates) === 0 ? 0 : marksOfRates(thread);
	const missing = all & ~rates;
	if ((missing & ofRates) !== 0) {
		return false;
	}

	const isDecided = missing === 0 && (oneOf & rates) !== 0;
	const own = isDecided ? rates : rates | marksOfWaits(thread);
	return (own & all) === all && (own & oneOf) !== 0;
};

type Marked = {
	/** In the order of the threads. */
	each: Int32Array;
	/** Those of all threads together. */
	any: number;
	active?: readonly Thread[];
};

const known = createMemo<readonly Thread[], Marked>();

/** Of fewer it costs less to look through all again: a machine may have thousands of processes with a thread or two. */
export const fewestToRemember = 10;

const lookThrough = (threads: readonly Thread[], earlier: readonly Thread[]): Marked => {
	const before = known.get(earlier)?.each;
	const each = new Int32Array(threads.length);
	let any = 0;
	// By index: this is the one loop over all threads of the machine.
	for (let index = 0; index < threads.length; index++) {
		const thread = threads[index]!;
		const own =
			before && thread === earlier[index]
				? before[index]!
				: marksOfRates(thread) | marksOfWaits(thread);
		each[index] = own;
		any |= own;
	}

	const marked: Marked = {each, any};
	known.set(threads, marked);
	return marked;
};

const markedOf = (threads: readonly Thread[]): Marked =>
	known.get(threads) ?? lookThrough(threads, []);

/**
Looks through the threads of a machine before any rule asks. Those that are the same objects as in the Snapshot before, which are most of
them, keep their marks: nothing of them is read.
*/
export const carryMarks = (processes: readonly Process[], earlier: readonly Process[]): void => {
	const before = new Map<number, readonly Thread[]>();
	for (const {pid, threads} of earlier) {
		if (threads.length >= fewestToRemember) {
			before.set(pid, threads);
		}
	}

	for (const {pid, threads} of processes) {
		if (threads.length >= fewestToRemember && !known.get(threads)) {
			lookThrough(threads, before.get(pid) ?? []);
		}
	}
};

/** Those of the threads that have all of some marks, and one at least of others. */
export const threadsMarked = (
	threads: readonly Thread[],
	all: number,
	oneOf = all,
): readonly Thread[] => {
	if (threads.length < fewestToRemember) {
		return threads.filter(thread => isMarked(thread, all, oneOf));
	}

	const {each} = markedOf(threads);
	return threads.filter((_, index) => {
		const own = each[index]!;
		return (own & all) === all && (own & oneOf) !== 0;
	});
};

/** Threads that run now and then, or all the time. */
export const activeThreads = (threads: readonly Thread[]): readonly Thread[] => {
	if (threads.length < fewestToRemember) {
		return threadsMarked(threads, marks.active);
	}

	const marked = markedOf(threads);
	marked.active ??= threadsMarked(threads, marks.active);
	return marked.active;
};

/** Whether each of the threads has all of these marks. */
export const areAllMarked = (threads: readonly Thread[], all: number): boolean =>
	threads.length < fewestToRemember
		? threads.every(thread => isMarked(thread, all, all))
		: markedOf(threads).each.every(own => (own & all) === all);

/** The mark of threads that were seen in one of these kinds of wait. */
export const waitingIn = (...wanted: readonly WaitKind[]): number =>
	wanted.reduce((all, kind) => all | kinds[kind], 0);

/** Whether any of the threads was seen in a wait of the kinds that `waitingIn` gives. */
export const isAnyWaiting = (threads: readonly Thread[], wanted: number): boolean =>
	threads.length < fewestToRemember
		? threads.some(thread => someWait(thread, ({kind}) => (kinds[kind] & wanted) !== 0))
		: (markedOf(threads).any & wanted) !== 0;

/** Whether any of the threads was in the state D when it was read. */
export const isAnyBlocked = (threads: readonly Thread[]): boolean =>
	threads.length < fewestToRemember
		? threads.some(({state}) => state === 'D')
		: (markedOf(threads).any & marks.blocked) !== 0;
