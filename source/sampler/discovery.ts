import {readdirSync, statSync} from 'node:fs';
import type {LoadAverage} from '../procfs/loadavg.js';
import {readText} from '../procfs/read-text.js';
import {parseProcessStatus} from '../procfs/status.js';
import type {Target} from '../targets/target.js';
import type {ProcessEntry} from './task-entry.js';
import type {TaskTable} from './task-table.js';

/**
Finds new and dead threads without walking what didn't change.

Ids are handed out upwards, and /proc/loadavg tells the last one: new threads are among the ids since the last look, which is
a single small read on a quiet machine. Deaths show when a thread's own file is read. Everything is walked when ids wrapped,
when there are many new ones, when the kernel counts other threads than are known, and once in a while.

In another pid namespace, or in a directory that only looks like /proc, those numbers belong to somebody else: there the
folders of all processes are looked at each time, and a process is walked when its number of threads changed.
*/
export type Discovery = {
	/** Yields now and then, so that the caller can let others run. */
	look(load: LoadAverage | undefined): Generator<void, void, void>;
	/** Adds the threads that a process has now, and removes those that it had. */
	revisit(pid: number): void;
	/** Adds the first thread of each process. */
	glance(): void;
	/** Threads of a process, without walking them. */
	countThreads(process: ProcessEntry): number;
	/** Number of full walks so far. */
	readonly walks: number;
};

const looksBetweenWalks = 60;
const mostNewIds = 1000;
const mismatchesBeforeWalk = 3;
const vainWalksBeforeGivingUp = 2;
// Threads that come and go while a walk is under way make the kernel's count differ a little.
const toleratedMismatch = 2;
const foldersBetweenYields = 64;

const numericNames = (directory: string): readonly number[] => {
	try {
		return readdirSync(directory)
			.map(Number)
			.filter(id => Number.isInteger(id) && id > 0);
	} catch {
		// The process has exited, or it is hidden from us.
		return [];
	}
};

/** Threads of a process as its task folder's link count tells: one link each, and two of its own. */
const countLinks = (directory: string): number | undefined => {
	try {
		return (statSync(directory, {throwIfNoEntry: false})?.nlink ?? 2) - 2;
	} catch {
		return undefined;
	}
};

export const createDiscovery = (target: Target, table: TaskTable): Discovery => {
	const {procRoot} = target;
	let walks = 0;
	let looksSinceWalk = 0;
	let mismatches = 0;
	let vainWalks = 0;
	let lastPid = 0;
	// Ids that were handed out but not visible yet.
	let pending: number[] = [];
	const mayFollowIds = target.ownKernel && procRoot === '/proc';
	let followsIds = mayFollowIds;

	const walkProcess = (pid: number, mark: number): void => {
		for (const tid of numericNames(`${procRoot}/${pid}/task`)) {
			const entry = table.add(pid, tid);
			if (entry) {
				entry.seenInWalk = mark;
			}
		}

		for (const entry of table.processes.get(pid)?.threads.values() ?? []) {
			if (entry.seenInWalk !== mark) {
				table.remove(entry);
			}
		}
	};

	const removeUnlisted = (pids: ReadonlySet<number>): void => {
		for (const process of table.processes.values()) {
			if (!pids.has(process.pid)) {
				for (const entry of process.threads.values()) {
					table.remove(entry);
				}
			}
		}
	};

	const walk = function* (onlyChanged: boolean) {
		walks++;
		const pids = numericNames(procRoot);
		let sinceYield = 0;
		for (const pid of pids) {
			const known = table.processes.get(pid);
			if (!onlyChanged || !known || countLinks(`${procRoot}/${pid}/task`) !== known.threads.size) {
				walkProcess(pid, walks);
			}

			if (++sinceYield === foldersBetweenYields) {
				sinceYield = 0;
				yield;
			}
		}

		removeUnlisted(new Set(pids));
		looksSinceWalk = 0;
	};

	/** Adds the thread with this id; false when no thread of that id is visible. */
	const probe = (tid: number): boolean => {
		// A thread's own folder opens by its id though /proc doesn't list it.
		const status = readText(`${procRoot}/${tid}/status`);
		if (!status) {
			return false;
		}

		const known = table.threads.get(tid);
		if (known && !table.isCurrent(known)) {
			// The id was handed out again since it was seen.
			table.remove(known);
		}

		table.add(parseProcessStatus(status).threadGroup, tid);
		return true;
	};

	const probeNewIds = function* (from: number, to: number) {
		const again = pending;
		pending = [];
		for (const tid of again) {
			probe(tid);
		}

		for (let tid = from; tid <= to; tid++) {
			if (!probe(tid)) {
				pending.push(tid);
			}

			if (tid % foldersBetweenYields === 0) {
				yield;
			}
		}
	};

	const isCountOf = (threads: number): boolean =>
		Math.abs(threads - table.threads.size) <= toleratedMismatch;

	const countMismatch = (threads: number): boolean => {
		mismatches = isCountOf(threads) ? 0 : mismatches + 1;
		return mismatches >= mismatchesBeforeWalk;
	};

	return {
		get walks() {
			return walks;
		},
		glance() {
			for (const pid of numericNames(procRoot)) {
				table.add(pid, pid);
			}
		},
		countThreads: ({pid, threads}) => countLinks(`${procRoot}/${pid}/task`) ?? threads.size,
		revisit(pid) {
			walkProcess(pid, walks);
		},
		*look(load) {
			const first = walks === 0;
			const previousPid = lastPid;
			lastPid = load?.lastPid ?? 0;
			looksSinceWalk++;
			const due = looksSinceWalk >= looksBetweenWalks;
			if (!followsIds || !load) {
				yield* walk(!first && !due);
				// A machine where threads come and go too fast to be counted may have calmed down.
				followsIds = due && mayFollowIds && load !== undefined && isCountOf(load.threads);
				return;
			}

			const mismatched = countMismatch(load.threads);
			if (
				first ||
				due ||
				mismatched ||
				lastPid < previousPid ||
				lastPid - previousPid > mostNewIds
			) {
				pending = [];
				yield* walk(false);
				vainWalks = mismatched && !isCountOf(load.threads) ? vainWalks + 1 : 0;
				// The kernel counts threads that can't be seen from here.
				followsIds = vainWalks < vainWalksBeforeGivingUp;
				mismatches = 0;
				return;
			}

			yield* probeNewIds(previousPid + 1, lastPid);
		},
	};
};
