import {readStat} from '../procfs/read-stat.js';
import type {Stat} from '../procfs/stat.js';
import type {Target} from '../targets/target.js';
import {refreshDescription, refreshStat} from './process-details.js';
import {
	createProcessEntry,
	createThreadEntry,
	type ProcessEntry,
	type ThreadEntry,
} from './task-entry.js';
import type {TaskFiles} from './task-files.js';

/** All processes and threads that are known, by their ids. */
export type TaskTable = {
	readonly processes: ReadonlyMap<number, ProcessEntry>;
	readonly threads: ReadonlyMap<number, ThreadEntry>;
	/** Adds a thread, and its process if that is new; undefined when it has exited already. */
	add(pid: number, tid: number): ThreadEntry | undefined;
	/** Adds a thread of a process that is known; nothing is read of it. */
	addUnread(process: ProcessEntry, tid: number): ThreadEntry;
	remove(entry: ThreadEntry): void;
	removeProcess(process: ProcessEntry): void;
	/** Whether the id still belongs to the same thread as when it was added. */
	isCurrent(entry: ThreadEntry): boolean;
	/** Bumped when a process came or went. */
	readonly version: number;
};

export const createTaskTable = (target: Target, files: TaskFiles): TaskTable => {
	const processes = new Map<number, ProcessEntry>();
	const threads = new Map<number, ThreadEntry>();
	let version = 0;

	const addProcess = (pid: number): ProcessEntry | undefined => {
		const entry = createProcessEntry(pid);
		if (refreshStat(entry, target) === 'gone') {
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
		entry.process.awake.delete(entry);
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

	const removeProcess = (process: ProcessEntry): void => {
		for (const entry of process.threads.values()) {
			remove(entry);
		}
	};

	const statOf = (pid: number, tid: number): Stat | undefined =>
		readStat(`${target.procRoot}/${pid}/task/${tid}/stat`);

	/** The process that a thread belongs to; a new one when the id of a dead one was handed out again. */
	const processOf = (pid: number, tid: number, stat: Stat): ProcessEntry | undefined => {
		const known = processes.get(pid);
		if (!known) {
			return addProcess(pid);
		}

		if (tid !== pid || known.startTimeTicks === stat.startTimeTicks) {
			return known;
		}

		removeProcess(known);
		return addProcess(pid);
	};

	const addUnread = (process: ProcessEntry, tid: number): ThreadEntry => {
		const entry = createThreadEntry(process, tid);
		process.threads.set(tid, entry);
		process.awake.add(entry);
		process.dirty = true;
		threads.set(tid, entry);
		return entry;
	};

	return {
		addUnread,
		processes,
		threads,
		get version() {
			return version;
		},
		remove,
		removeProcess,
		isCurrent: ({process, tid, startTimeTicks}) =>
			statOf(process.pid, tid)?.startTimeTicks === startTimeTicks,
		add(pid, tid) {
			const known = threads.get(tid);
			if (known) {
				if (known.process.pid === pid) {
					return known;
				}

				remove(known);
			}

			const stat = statOf(pid, tid);
			const process = stat && processOf(pid, tid, stat);
			if (!process) {
				return undefined;
			}

			const entry = addUnread(process, tid);
			// Most are called as their process is: one text for all of them.
			entry.name = stat.name === process.name ? process.name : stat.name;
			entry.state = stat.state;
			entry.startTimeTicks = stat.startTimeTicks;
			entry.nice = stat.nice;
			entry.policy = stat.policy;
			entry.lastCpu = stat.lastCpu;
			return entry;
		},
	};
};
