import type {Lock} from '../model/lock.js';
import type {Process} from '../model/process.js';
import type {Thread} from '../model/thread.js';
import type {Herd} from './herd.js';
import {microsecondsOf, sum, switchesOf, variationOf} from './thread-facts.js';
import {isUntimedFutex, meanWaiting} from './wait-facts.js';

/**
In a JVM each thread sleeps at a word of its own, and one after the other gets the lock back: they neither meet at one place nor queue up.
The JVM knows where they wait, and the waiting class what it calls to wake them. Rates alone tell nothing here: a pool whose every thread
gets a small job of each burst, by `notify` or from a queue of java.util.concurrent, has the same ones, measured to a hundredth.
*/
const javaHerd = {
	members: 8,
	switches: 5000,
	/** Each event wakes all: measured 0.002 to 0.03. */
	variation: 0.1,
	/** Measured 3 to 10, with jobs of 0.3 ms among 48 threads 16. */
	microseconds: 25,
	waitingShare: 0.5,
};

const broadcasts: ReadonlySet<string> = new Set(['notifyAll', 'signalAll']);

/** Whether all that wait there are woken at once: their class calls nothing else. */
const isBroadcastTo = ({kind, wakers}: Lock): boolean =>
	kind === 'condition' &&
	wakers !== undefined &&
	wakers.length > 0 &&
	wakers.every(each => broadcasts.has(each));

const herdAt = (process: Process, threads: readonly Thread[], lock: Lock): Herd | undefined => {
	const tids = new Set(lock.waiterTids);
	const members = threads.filter(({tid}) => tids.has(tid));
	return members.length >= javaHerd.members &&
		lock.waitersAverage >= members.length * javaHerd.waitingShare &&
		meanWaiting(members, isUntimedFutex) >= members.length * javaHerd.waitingShare &&
		sum(members, switchesOf) >= javaHerd.switches &&
		variationOf(members) <= javaHerd.variation &&
		microsecondsOf(members) <= javaHerd.microseconds
		? {processes: [process], threads: members, call: 'futex', waiting: lock.waitersAverage, lock}
		: undefined;
};

/** Threads of a JVM that wait at one monitor or condition and are all woken for each event. */
export const javaHerdOf = (process: Process, threads: readonly Thread[]): Herd | undefined => {
	if (process.runtime?.name !== 'jvm') {
		return undefined;
	}

	for (const lock of process.locks ?? []) {
		const herd = isBroadcastTo(lock) ? herdAt(process, threads, lock) : undefined;
		if (herd) {
			return herd;
		}
	}

	return undefined;
};
