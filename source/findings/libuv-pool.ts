import type {Process} from '../model/process.js';
import type {Thread} from '../model/thread.js';
import {libuvPoolRole} from '../model/thread-role.js';
import type {Wait} from '../model/wait.js';
import {mainWait, orZero, wantedCpuPercent} from './thread-facts.js';
import {activeThreads} from './thread-marks.js';
import {waitPercent} from './wait-facts.js';

/** libuv's pool of a process in trouble. */
export type BusyPool = {
	process: Process;
	threads: readonly Thread[];
	/** Threads that the pool has: more than `threads`, where some of them couldn't be told from others. */
	size: number;
	/** `all`: every thread has a job. `lookups`: as many as may look up names do, and more lookups wait. */
	trouble: 'all' | 'lookups';
	/** What its threads wait in, most often first. */
	calls: readonly string[];
	/** Whether it was read how many threads have a job, and what waits; else it's told by what its threads do. */
	isRead: boolean;
};

/** Busy nearly all the time, or handed new work thousands of times a second. */
const busy = {percent: 60, wakes: 2000};

/** Of the looks at the pool. */
const full = {busyShare: 0.75, queuedPercent: 50};

/** libuv's default, see UV_THREADPOOL_SIZE. */
const defaultPool = 4;

/** Before Node.js 22 its threads have no names: the first seven are its main thread, the inspector's and V8's. */
const ownThreads = 7;

/** The loop must hear of what the pool has done; threads that compute for themselves tell it nothing. */
const fewestLoopWakes = 5;

const callsShown = 3;

/** By what the runtime has them for, else by their names, else by their place among the threads. */
const poolThreads = ({threads, runtime}: Process): readonly Thread[] => {
	const {threadCount} = runtime?.threadPool ?? {};
	const told = threads.filter(
		({role, name}) => role === libuvPoolRole || name.startsWith('libuv-worker'),
	);
	const isTold =
		told.length >= (threadCount ?? defaultPool) ||
		threads.some(({name}) => name.startsWith('V8Worker'));
	return isTold
		? told
		: threads
				.toSorted((one, other) => one.tid - other.tid)
				.slice(ownThreads, ownThreads + (threadCount ?? defaultPool));
};

const isWork = ({kind}: Wait): boolean =>
	kind !== 'running' && kind !== 'futex' && kind !== 'lock' && kind !== 'epoll';

const wantsDisk = (thread: Thread): boolean =>
	thread.state === 'D' || waitPercent(thread, isWork) >= busy.percent;

const isBusy = (thread: Thread): boolean =>
	(wantedCpuPercent(thread) ?? 0) + (wantsDisk(thread) ? 100 : 0) >= busy.percent ||
	orZero(thread.voluntarySwitchesPerSecond) >= busy.wakes;

/** Where libuv's own counters were read, they decide. */
const troubleByCounters = ({runtime}: Process): BusyPool['trouble'] | undefined => {
	const {threadPool: pool} = runtime ?? {};
	if (!pool || pool.threadCount === 0 || pool.queuedPercent < full.queuedPercent) {
		return undefined;
	}

	if (pool.busyThreads >= pool.threadCount * full.busyShare) {
		return 'all';
	}

	return (pool.queuedLookups ?? 0) > 0 &&
		pool.lookupThreads >= Math.ceil(pool.threadCount / 2) * full.busyShare
		? 'lookups'
		: undefined;
};

const isBusyByThreads = ({pid, threads}: Process, pool: readonly Thread[]): boolean => {
	const main = threads.find(({tid}) => tid === pid);
	return (
		activeThreads(threads).length >= 2 &&
		pool.length >= defaultPool &&
		pool.every(isBusy) &&
		orZero(main?.voluntarySwitchesPerSecond) >= fewestLoopWakes
	);
};

/** A lock in the data of Node.js itself or of libuv, by its name: the pool's queue and the loop's wake-up have one each. */
export const isOfLibuv = (lockName: string): boolean =>
	/^(?:node|nodejs|libuv\.so[^!+]*)[!+]/.test(lockName);

/** The pool of a Node.js process that jobs wait for; undefined where none do, as far as that can be told. */
export const busyPoolOf = (process: Process): BusyPool | undefined => {
	if (process.runtime?.name !== 'node') {
		return undefined;
	}

	const {threadPool} = process.runtime;
	const threads = poolThreads(process);
	const trouble = threadPool
		? troubleByCounters(process)
		: isBusyByThreads(process, threads)
			? 'all'
			: undefined;
	return (
		trouble && {
			process,
			threads,
			size: threadPool?.threadCount ?? threads.length,
			trouble,
			calls: [...new Set(threads.flatMap(thread => mainWait(thread)?.call ?? []))].slice(
				0,
				callsShown,
			),
			isRead: threadPool !== undefined,
		}
	);
};
