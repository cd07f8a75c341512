import {isKnown} from '../model/reading.js';
import type {Thread} from '../model/thread.js';
import type {Wait, WaitKind} from '../model/wait.js';
import {orZero, switchesOf} from './thread-facts.js';

/** A thread that switches less than this is asleep, whatever it waits for. */
const leastSwitches = 2;

const isActive = (thread: Thread): boolean =>
	switchesOf(thread) >= leastSwitches || orZero(thread.cpuPercent) >= 1;

/** What most rules ask first of the threads of a process: all are looked through once for it, not once for each rule. */
export type Overview = {
	/** Threads that run now and then, or all the time. */
	active: readonly Thread[];
	/** In which ways any of them was seen to wait. */
	waitKinds: ReadonlySet<WaitKind>;
	/** Whether any of them was in the state D when it was read. */
	isAnyBlocked: boolean;
};

/** The waits that `sharesOf` gives, without their shares. */
const seenIn = ({waits, wait}: Thread): readonly Wait[] => {
	if (waits !== undefined && waits.length > 0) {
		return waits;
	}

	return isKnown(wait) ? [wait] : [];
};

const lookThrough = (threads: readonly Thread[]): Overview => {
	const active: Thread[] = [];
	const waitKinds = new Set<WaitKind>();
	let isAnyBlocked = false;
	// Most threads wait as the one before: a comparison is quicker than asking the set.
	let last: WaitKind = 'running';
	for (const thread of threads) {
		if (isActive(thread)) {
			active.push(thread);
		}

		isAnyBlocked ||= thread.state === 'D';
		for (const {kind} of seenIn(thread)) {
			if (kind !== last && kind !== 'running') {
				waitKinds.add(kind);
				last = kind;
			}
		}
	}

	return {active, waitKinds, isAnyBlocked};
};

const before = new WeakMap<readonly Thread[], Overview>();

/** Of fewer it costs less to look through all again: a machine may have thousands of processes with a thread or two. */
export const fewestToRemember = 10;

export const overviewOf = (threads: readonly Thread[]): Overview => {
	if (threads.length < fewestToRemember) {
		return lookThrough(threads);
	}

	const known = before.get(threads);
	if (known) {
		return known;
	}

	const overview = lookThrough(threads);
	before.set(threads, overview);
	return overview;
};

/** Threads that run now and then, or all the time. */
export const activeThreads = (threads: readonly Thread[]): readonly Thread[] =>
	overviewOf(threads).active;

/** Whether any thread was seen in one of these kinds of wait. */
export const isAnyIn = (threads: readonly Thread[], kinds: readonly WaitKind[]): boolean => {
	const {waitKinds} = overviewOf(threads);
	return kinds.some(kind => waitKinds.has(kind));
};
