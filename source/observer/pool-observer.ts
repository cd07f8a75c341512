import path from 'node:path';
import process from 'node:process';
import type {ThreadPool} from '../model/process.js';
import {libuvPoolRole} from '../model/thread-role.js';
import type {WaitKind} from '../model/wait.js';
import {parseMaps} from '../procfs/maps.js';
import {readLink} from '../procfs/read-link.js';
import {readText} from '../procfs/read-text.js';
import {hintFor, unknownPoolHint} from '../runtimes/hints.js';
import {createAttachToPool, findLibuv, type PoolAttachment} from '../runtimes/node/attach.js';
import type {ThreadPoolReader} from '../runtimes/node/thread-pool.js';
import type {ProcessEntry, ThreadEntry} from '../sampler/task-entry.js';
import type {AddressSpaces} from './address-spaces.js';
import type {OwnThreadIds} from './own-thread-ids.js';
import {createPoolTally, type PoolTally} from './pool-tally.js';
import {ofSameProgram} from './same-program.js';
import {createWorkBudget} from './work-budget.js';

/** Reads how busy libuv's pool is in processes of Node.js, and what queues in front of it. */
export type PoolObserver = {
	/** Once a tick: those in focus, and those whose pool has much to do. */
	update(processes: Iterable<ProcessEntry>, focus: ReadonlySet<number>): void;
	/** A quick look at those; several times between two ticks. */
	look(): void;
	/** The pool's threads, where it could be read. */
	tidsOf(process: ProcessEntry): ReadonlySet<number> | undefined;
};

type Known = {
	generation: number;
	startTimeTicks: number;
	triedAt: number;
	attachment: PoolAttachment;
};

type Watched = {
	pool: ThreadPoolReader;
	tally: PoolTally;
	tids: ReadonlySet<number>;
	/** Times that its threads were looked for. */
	searches: number;
};

// A program that has just begun may not be mapped in full yet.
const millisecondsBetweenAttempts = 10_000;
/** libuv counts its threads before it has started them all. Of a C library other than glibc they are never found. */
const mostSearches = 20;

// To begin with a file takes some twenty milliseconds, once: one at a time.
const millisecondsForAttaching = 1;
// Of each pool one read, and one for each job that waits.
const millisecondsPerTick = 5;
const millisecondsPerLook = 1;
/** Of one thread, 100 = one CPU. */
const muchPercent = 50;
/** As many of the pool's four threads may look up names at once. */
const fewestBlocked = 2;

const readProgram = (procRoot: string, pid: number): string | undefined =>
	readLink(path.join(procRoot, String(pid), 'exe'));

/** What jobs wait in: files of any kind, and the answers to lookups of names. Threads at rest wait in a futex, loops for events. */
const waitsOfJobs: ReadonlySet<WaitKind | undefined> = new Set<WaitKind>([
	'poll',
	'pipe',
	'socket',
	'file-lock',
	'disk',
	'kernel-lock',
	'terminal',
	'other',
]);

/** Before Node.js 22 its threads have no names, and no roles. */
const isInJob = ({tid, wait, process: {pid}}: ThreadEntry): boolean =>
	tid !== pid && waitsOfJobs.has(wait?.kind);

const isBusy = ({active, threads}: ProcessEntry): boolean => {
	let blocked = 0;
	for (const thread of threads.values()) {
		const {role, state, cpuPercent} = thread;
		const computes = role === libuvPoolRole && (cpuPercent ?? 0) >= muchPercent;
		const waits = isInJob(thread);
		if (active && (computes || state === 'D' || waits)) {
			return true;
		}

		blocked += waits ? 1 : 0;
	}

	// Behind calls that never return, or a name server that never answers, the whole process comes to rest.
	return blocked >= fewestBlocked;
};

const areEqual = (one: ThreadPool | undefined, other: ThreadPool | undefined): boolean =>
	JSON.stringify(one) === JSON.stringify(other);

export const createPoolObserver = (
	procRoot: string,
	spaces: AddressSpaces,
	ids: OwnThreadIds,
): PoolObserver => {
	const attachTo = createAttachToPool(process.arch);
	const attaching = createWorkBudget(millisecondsForAttaching);
	const reading = createWorkBudget(millisecondsPerTick);
	const known = new WeakMap<ProcessEntry, Known>();
	const watched = new Map<ProcessEntry, Watched>();
	let next = 0;

	const attach = (entry: ProcessEntry): PoolAttachment => {
		const {pid} = entry;
		const maps = readText(path.join(procRoot, String(pid), 'maps'));
		const libuv = maps ? findLibuv(parseMaps(maps), readProgram(procRoot, pid)) : undefined;
		return libuv
			? attachTo(procRoot, pid, libuv, spaces.of(entry).memory.read)
			: {state: 'unreadable'};
	};

	/** Undefined while there is no time to begin with it. */
	const attachmentOf = (entry: ProcessEntry): PoolAttachment | undefined => {
		const {generation, startTimeTicks} = entry;
		const before = ofSameProgram(known.get(entry), entry);
		const isDue =
			!before ||
			(before.attachment.state === 'unreadable' &&
				performance.now() - before.triedAt > millisecondsBetweenAttempts);
		if (!isDue || !attaching.mayBegin()) {
			return before?.attachment;
		}

		watched.delete(entry);
		const attachment = attaching.spend(() => attach(entry));
		known.set(entry, {generation, startTimeTicks, triedAt: performance.now(), attachment});
		return attachment;
	};

	const watch = (entry: ProcessEntry, pool: ThreadPoolReader): Watched => {
		const each = watched.get(entry) ?? {
			pool,
			tally: createPoolTally(),
			tids: new Set(),
			searches: 0,
		};
		watched.set(entry, each);
		return each;
	};

	/** They are all started with the first job, and none later. */
	const findThreads = (entry: ProcessEntry, each: Watched, threadCount: number): void => {
		if (each.tids.size < threadCount && each.searches < mostSearches) {
			each.searches++;
			each.tids = new Set(each.pool.ownTids().flatMap(own => ids.tidOf(entry, own) ?? []));
		}
	};

	const setPool = (
		entry: ProcessEntry,
		threadPool: ThreadPool | undefined,
		hint?: string,
	): void => {
		const {runtime} = entry;
		if (runtime && !(areEqual(runtime.threadPool, threadPool) && runtime.hint === hint)) {
			const {threadPool: _, hint: __, ...rest} = runtime;
			entry.runtime = {...rest, ...(threadPool && {threadPool}), ...(hint && {hint})};
			entry.dirty = true;
		}
	};

	const updateOne = (entry: ProcessEntry): void => {
		const hint = hintFor('node', entry.pid);
		const attachment = entry.waitsRefused ? undefined : attachmentOf(entry);
		if (attachment?.state !== 'attached') {
			const unknown = attachment?.state === 'unknown' ? attachment.file : undefined;
			setPool(entry, undefined, unknown === undefined ? hint : unknownPoolHint(entry.pid, unknown));
			return;
		}

		const each = watch(entry, attachment.pool);
		const look = each.pool.look();
		if (look) {
			each.tally.count(look);
			findThreads(entry, each, look.threadCount);
		}

		setPool(entry, each.tally.take(look && each.pool.queue()), hint);
	};

	return {
		update(processes, focus) {
			attaching.refill();
			reading.refill();
			const before = new Set(watched.keys());
			const wanted = [...processes].filter(
				entry =>
					entry.runtime?.name === 'node' &&
					entry.threads.size > 0 &&
					(focus.has(entry.pid) || isBusy(entry)),
			);
			for (const entry of wanted.sort(
				(a, b) => Number(focus.has(b.pid)) - Number(focus.has(a.pid)),
			)) {
				before.delete(entry);
				if (reading.mayBegin()) {
					reading.spend(() => updateOne(entry));
				}
			}

			// What was seen of the others isn't true any more.
			for (const entry of before) {
				watched.delete(entry);
				setPool(entry, undefined, entry.runtime?.hint);
			}
		},
		look() {
			const began = performance.now();
			const all = [...watched];
			for (let count = 0; count < all.length; count++) {
				const [entry, {pool, tally}] = all[next++ % all.length]!;
				const seen = entry.threads.size > 0 ? pool.look() : undefined;
				if (seen) {
					tally.count(seen);
				}

				if (performance.now() - began > millisecondsPerLook) {
					return;
				}
			}
		},
		tidsOf(entry) {
			const tids = watched.get(entry)?.tids;
			return tids && tids.size > 0 ? tids : undefined;
		},
	};
};
