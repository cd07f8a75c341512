import type {ReadMemory} from '../../procfs/memory.js';
import type {StaticVariable} from '../../symbols/static-variables.js';
import {readPthreadTid} from '../pointers.js';

/*
libuv's pool of threads, from deps/uv/src/threadpool.c: all that it keeps about it are static variables of that file. `wq` and
`slow_io_pending_wq` are the heads of rings of `struct uv__queue {next, prev}`; a job is part of the request that it belongs to. Jobs
that may take long for reasons outside the machine (UV__WORK_SLOW_IO: getaddrinfo and getnameinfo, and nothing else) stand in the second
ring, and `run_slow_work_message` in the first one stands for all of them. Half of the threads, rounded up, may work at them at once.
*/

const ring = 16;
const counter = 4;
const pointer = 8;

/** Named like no other variable of Node.js. There since libuv 1.20 (Node.js 10). */
export const poolLandmark: StaticVariable = {name: 'run_slow_work_message', size: ring};

export const poolVariables: readonly StaticVariable[] = [
	{name: 'wq', size: ring},
	{name: 'slow_io_pending_wq', size: ring},
	poolLandmark,
	{name: 'exit_message', size: ring},
	{name: 'nthreads', size: counter},
	{name: 'idle_threads', size: counter},
	{name: 'slow_io_work_running', size: counter},
	{name: 'threads', size: pointer},
];

/** The pool at one moment. */
export type PoolLook = {
	/** 0 until the first job. */
	threadCount: number;
	/** Threads that have a job. */
	busyThreads: number;
	/** Of these, those that look up a name. */
	lookupThreads: number;
	/** Whether a job waits for a thread. */
	isQueued: boolean;
};

/** Jobs that wait for a thread. */
export type PoolQueue = {
	jobs: number;
	/** Of these, name lookups. */
	lookups: number;
	/** There are more: only the last so many were counted. */
	isCut: boolean;
};

/** Reads the pool of one process, from outside. */
export type ThreadPoolReader = {
	/** One read, some microseconds. Undefined where the memory can't be read or holds something else. */
	look(): PoolLook | undefined;
	/** Follows the rings, one read a job; undefined where they changed each time that it was tried. */
	queue(): PoolQueue | undefined;
	/** The threads' ids as the process itself knows them, where its C library is glibc; what isn't known is left out. */
	ownTids(): readonly number[];
};

/** MAX_THREADPOOL_SIZE in threadpool.c. */
const mostThreads = 1024;
/** Queues longer than that are told as `1,000 and more`. */
const mostJobs = 1000;
const attempts = 3;
/** One small source file's variables lie close together. */
const widestSpan = 4096;

type Ring = {count: number; isCut: boolean};

const toNumber = (bytes: Buffer, at: number): number => Number(bytes.readBigUInt64LE(at));

/**
Counts a ring from its end on: jobs are taken from its beginning, so that what was counted mostly stays where it is. One that was taken
in between points to itself or elsewhere, and not to the one behind it. Undefined then, and where memory can't be read.
*/
const countRing = (
	read: ReadMemory,
	head: number,
	isJob: (address: number) => boolean,
	most: number,
): Ring | undefined => {
	const first = read(head, ring);
	let behind = head;
	let address = first ? toNumber(first, pointer) : 0;
	let count = 0;
	while (address !== head) {
		if (count >= most) {
			return {count, isCut: true};
		}

		const links = read(address, ring);
		if (!links || toNumber(links, 0) !== behind) {
			return undefined;
		}

		count += isJob(address) ? 1 : 0;
		behind = address;
		address = toNumber(links, pointer);
	}

	return {count, isCut: false};
};

/** The pool whose variables lie at these addresses; undefined when they are not those of one source file. */
export const createThreadPoolReader = (
	addresses: ReadonlyMap<string, number>,
	read: ReadMemory,
	architecture: string,
): ThreadPoolReader | undefined => {
	const from = Math.min(...addresses.values());
	const span = Math.max(...addresses.values()) + ring - from;
	if (poolVariables.some(({name}) => !addresses.has(name)) || span > widestSpan) {
		return undefined;
	}

	const at = (name: string): number => addresses.get(name)!;
	const slowMessage = at('run_slow_work_message');
	const messages = new Set([slowMessage, at('exit_message')]);

	const isEmpty = (bytes: Buffer, head: string): boolean => {
		const next = toNumber(bytes, at(head) - from);
		// Before the first job the rings have not been made.
		return next === at(head) || next === 0;
	};

	const lookAt = (bytes: Buffer): PoolLook | undefined => {
		const countOf = (name: string): number => bytes.readUInt32LE(at(name) - from);
		const threadCount = countOf('nthreads');
		const idle = countOf('idle_threads');
		const lookupThreads = countOf('slow_io_work_running');
		if (threadCount > mostThreads || idle > threadCount || lookupThreads > threadCount) {
			return undefined;
		}

		const onlyMessage =
			toNumber(bytes, at('wq') - from) === slowMessage &&
			toNumber(bytes, slowMessage - from) === at('wq');
		return {
			threadCount,
			busyThreads: threadCount - idle,
			lookupThreads,
			isQueued: (!isEmpty(bytes, 'wq') && !onlyMessage) || !isEmpty(bytes, 'slow_io_pending_wq'),
		};
	};

	const countQueue = (): PoolQueue | undefined => {
		const all = () => true;
		const jobs = countRing(read, at('wq'), address => !messages.has(address), mostJobs);
		const lookups = jobs && countRing(read, at('slow_io_pending_wq'), all, mostJobs);
		return (
			lookups && {
				jobs: jobs.count + lookups.count,
				lookups: lookups.count,
				isCut: jobs.isCut || lookups.isCut,
			}
		);
	};

	const variables = (): Buffer | undefined => read(from, span) ?? undefined;
	return {
		look() {
			const bytes = variables();
			return bytes && lookAt(bytes);
		},
		queue() {
			const bytes = variables();
			if (!bytes) {
				return undefined;
			}

			if (isEmpty(bytes, 'wq') && isEmpty(bytes, 'slow_io_pending_wq')) {
				return {jobs: 0, lookups: 0, isCut: false};
			}

			for (let attempt = 0; attempt < attempts; attempt++) {
				const counted = countQueue();
				if (counted) {
					return counted;
				}
			}

			return undefined;
		},
		ownTids() {
			const bytes = variables();
			const {threadCount = 0} = (bytes && lookAt(bytes)) ?? {};
			const handles =
				threadCount > 0
					? read(toNumber(bytes!, at('threads') - from), threadCount * pointer)
					: undefined;
			return handles
				? Array.from({length: threadCount}, (_, index) =>
						readPthreadTid(read, toNumber(handles, index * pointer), architecture),
					).filter(tid => tid > 0)
				: [];
		},
	};
};
