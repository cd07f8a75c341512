import {readPath} from '../procfs/descriptor.js';
import {parseStat} from '../procfs/stat.js';
import type {Target} from '../targets/target.js';
import {refreshDescription, refreshStat} from './process-details.js';
import {
	createProcessEntry,
	createThreadEntry,
	type ProcessEntry,
	type ThreadEntry,
} from './task-entry.js';
import type {TaskFiles} from './task-files.js';

const buffer = Buffer.allocUnsafe(4096);

/** All processes and threads that are known, by their ids. */
export type TaskTable = {
	readonly processes: ReadonlyMap<number, ProcessEntry>;
	readonly threads: ReadonlyMap<number, ThreadEntry>;
	/** Adds a thread, and its process if that is new; undefined when it has exited already. */
	add(pid: number, tid: number): ThreadEntry | undefined;
	remove(entry: ThreadEntry): void;
	/** Bumped when a process came or went. */
	readonly version: number;
};

export const createTaskTable = (target: Target, files: TaskFiles): TaskTable => {
	const processes = new Map<number, ProcessEntry>();
	const threads = new Map<number, ThreadEntry>();
	let version = 0;

	const addProcess = (pid: number): ProcessEntry | undefined => {
		const entry = createProcessEntry(pid);
		if (!refreshStat(entry, target)) {
			return undefined;
		}

		refreshDescription(entry, target);
		processes.set(pid, entry);
		version++;
		return entry;
	};

	const remove = (entry: ThreadEntry): void => {
		if (entry.dead) {
			return;
		}

		files.release(entry);
		entry.dead = true;
		threads.delete(entry.tid);
		const {process} = entry;
		process.threads.delete(entry.tid);
		process.dirty = true;
		if (process.threads.size > 0) {
			return;
		}

		processes.delete(process.pid);
		version++;
		// Its children have a new parent now, though none of them ran.
		for (const other of processes.values()) {
			if (other.parentPid === process.pid) {
				refreshStat(other, target);
			}
		}
	};

	return {
		processes,
		threads,
		get version() {
			return version;
		},
		remove,
		add(pid, tid) {
			const known = threads.get(tid);
			if (known) {
				if (known.process.pid === pid) {
					return known;
				}

				remove(known);
			}

			const process = processes.get(pid) ?? addProcess(pid);
			if (!process) {
				return undefined;
			}

			const entry = createThreadEntry(process, tid);
			const length = readPath(files.path(entry, 'stat'), buffer);
			const stat = length > 0 ? parseStat(buffer, length) : undefined;
			if (!stat) {
				if (process.threads.size === 0) {
					processes.delete(pid);
					version++;
				}

				return undefined;
			}

			entry.name = stat.name;
			entry.state = stat.state;
			entry.startTimeTicks = stat.startTimeTicks;
			entry.nice = stat.nice;
			entry.policy = stat.policy;
			entry.lastCpu = stat.lastCpu;
			process.threads.set(tid, entry);
			process.dirty = true;
			threads.set(tid, entry);
			return entry;
		},
	};
};
