import type {Confidence} from '../model/finding.js';
import type {Lock} from '../model/lock.js';
import type {Process} from '../model/process.js';
import type {Thread} from '../model/thread.js';
import type {OutsideWakes} from './outside-wakes.js';
import {sum, wantedCpuPercent} from './thread-facts.js';
import type {Place} from './wait-facts.js';

/**
How a lock is fought for. `convoy`: handed around; `hot`: free again before the kernel has put who wants it to sleep; `computing`: its
holder computes; `asleep`: its holder sleeps.
*/
export type Shape = 'convoy' | 'hot' | 'computing' | 'asleep';

export type LockFight = {
	process: Process;
	shape: Shape;
	confidence: Confidence;
	/**
	What was seen: waits of a kind that only locks have, a futex that may be a semaphore, one that processes share, parked threads, a runtime's own lock function
	on their stacks; where waits are refused, rates alone: those of a convoy, or threads that take turns on one CPU while others are
	idle, or that nobody but they themselves
	can have woken.
	*/
	by: 'lock' | 'futex' | 'semaphore' | 'park' | 'stack' | 'rates' | 'turns' | 'team';
	tids: readonly number[];
	/** Mean number of threads that wait for the lock. */
	waiters: number;
	/** Where most of them wait. */
	place?: Place;
	/** What it is called where no place tells. */
	lockText?: string;
	/** Of a lock that processes share those that were seen at it: `process` then has the threads of them all. */
	sharedBy?: readonly Process[];
	/** What else could have woken them: too little. */
	outside?: OutsideWakes;
};

/** Fewer waiters are the price of any lock. */
export const fewestWaiters = 0.5;

/** CPUs that threads want at once, on average. */
export const runnableOf = (threads: readonly Thread[]): number =>
	sum(threads, thread => wantedCpuPercent(thread) ?? 0) / 100;

/** All that it is about. */
export const processesIn = ({process, sharedBy}: LockFight): readonly Process[] =>
	sharedBy ?? [process];

/** The lock that is fought for, where it has been recognised. */
export const foughtLock = ({place}: LockFight): Lock | undefined => place?.lock;
