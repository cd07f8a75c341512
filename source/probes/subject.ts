import {readdirSync, statSync} from 'node:fs';
import {isGone, readPath} from '../procfs/descriptor.js';
import {readStat} from '../procfs/read-stat.js';
import {readText} from '../procfs/read-text.js';
import {createDescriptorBudget, openFilesLimit} from '../sampler/descriptor-budget.js';
import {createSleepers} from '../sampler/sleepers.js';
import {noDescriptor, type ProcessEntry, type ThreadEntry} from '../sampler/task-entry.js';
import {createTaskFiles, type TaskFiles} from '../sampler/task-files.js';
import {createTaskTable, type TaskTable} from '../sampler/task-table.js';
import type {Target} from '../targets/target.js';

/** Why a process can't be probed. */
export class ProbeRefusal extends Error {
	/** `gone`: there is no such process. `denied`: the kernel doesn't let us look into it. */
	readonly reason: 'gone' | 'denied' | 'unfit';

	constructor(message: string, reason: ProbeRefusal['reason']) {
		super(message);
		this.reason = reason;
	}
}

/** The process that is looked at, and its threads. */
export type Subject = {
	readonly pid: number;
	readonly process: ProcessEntry;
	readonly table: TaskTable;
	readonly files: TaskFiles;
	/** Whether a thread with these counters ran since the process is looked at; undefined where it isn't watched anyway. */
	ranSince(
		entry: ThreadEntry,
		counters: Pick<ThreadEntry, 'slices' | 'runNanoseconds'>,
	): boolean | undefined;
	/** Adds threads that began since and takes away those that ended. */
	refreshThreads(): void;
	/** Bumped when threads began or ended. */
	readonly version: number;
	/** A thread was found to have ended. */
	remove(entry: ThreadEntry): void;
	/** Whether names of threads come without reading them here. */
	readonly knowsNames: boolean;
	/** Reads names of some threads that have none yet; whether there are more of them. */
	readNames(): boolean;
	/** Whether it's still there, and still runs the same program. */
	condition(): 'same' | 'ended' | 'other-program';
	/** Processes that it started, those that are there now. */
	childCount(): number;
	close(): void;
};

/** Threads that ctop watches anyway, by their ids: what it knows of them and holds open needn't be read and opened again. */
export type WatchedThreads = {get(tid: number): ThreadEntry | undefined};

/** Where the observer holds most descriptors that this program may have, a probe takes a small part all the same. */
const leastShareOfDescriptors = 0.15;

const buffer = Buffer.allocUnsafe(4096);

/** Descriptors that a probe may use: reading a file that is held open costs a third of opening it each time. */
const descriptorsLeft = (): number => {
	const limit = openFilesLimit();
	return Math.max(
		Math.floor(limit * leastShareOfDescriptors),
		limit - readdirSync('/proc/self/fd').length,
	);
};

const threadIds = (directory: string): readonly number[] => {
	try {
		return readdirSync(directory).map(Number);
	} catch {
		return [];
	}
};

/** What whoever asks would need to look into a process of another user. */
const deniedMessage = (pid: number, {userId, name}: ProcessEntry, own: number): string => {
	const scope = (readText('/proc/sys/kernel/yama/ptrace_scope') ?? '0').trim();
	const whose = userId === undefined ? 'another user' : `user ${userId}`;
	const needed =
		userId === own && scope !== '0'
			? `kernel.yama.ptrace_scope is ${scope}: run ctop as root, or with 'sysctl kernel.yama.ptrace_scope=0'`
			: `it belongs to ${whose}: run ctop as root or as that user, or with CAP_SYS_PTRACE`;
	return `may not look into process ${pid} (${name}): ${needed}`;
};

const requireAccess = (target: Target, pid: number, process: ProcessEntry): void => {
	const {procRoot} = target;
	if (process.kernelThread) {
		throw new ProbeRefusal(
			`process ${pid} (${process.name}) is a thread of the kernel: it has no system calls and no stack of its own`,
			'unfit',
		);
	}

	const length = readPath(`${procRoot}/${pid}/task/${pid}/syscall`, buffer);
	if (length < 0 && !isGone(length)) {
		throw new ProbeRefusal(
			deniedMessage(pid, process, globalThis.process.getuid?.() ?? -1),
			'denied',
		);
	}
};

/** Finds the process; throws as `openSubject` does. */
const findProcess = (
	target: Target,
	pid: number,
	lentDescriptor?: (entry: ThreadEntry) => number,
): {process: ProcessEntry; table: TaskTable; files: TaskFiles; threadCount: number} => {
	const {procRoot} = target;
	const folder = `${procRoot}/${pid}`;
	const status = readText(`${folder}/status`);
	const group = Number(/^Tgid:\s*(\d+)/m.exec(status ?? '')?.[1] ?? Number.NaN);
	if (Number.isNaN(group)) {
		throw new ProbeRefusal(`no process ${pid}`, 'gone');
	}

	if (group !== pid) {
		throw new ProbeRefusal(`${pid} is a thread of process ${group}: ctop probe ${group}`, 'unfit');
	}

	const budget = createDescriptorBudget(descriptorsLeft());
	const files = createTaskFiles(procRoot, budget, createSleepers(), lentDescriptor);
	const table = createTaskTable(target, files);
	table.add(pid, pid);
	const process = table.processes.get(pid);
	if (!process || process.state === 'Z' || process.state === 'X') {
		throw new ProbeRefusal(`process ${pid} has ended`, 'gone');
	}

	requireAccess(target, pid, process);
	const threadCount = Number(/^Threads:\s*(\d+)/m.exec(status ?? '')?.[1] ?? 1);
	return {process, table, files, threadCount};
};

/** The name of a process that can be looked at, and how many threads it has; throws as `openSubject` does. */
export const describeSubject = (
	target: Target,
	pid: number,
): {name: string; threadCount: number} => {
	const {process, threadCount} = findProcess(target, pid);
	return {name: process.name, threadCount};
};

/** The directory of its threads counts them among its links: they need not be listed for it. */
const linksOf = (directory: string): number =>
	statSync(directory, {throwIfNoEntry: false})?.nlink ?? 0;

/** `.` and that of the directory above. */
const linksOfDirectory = 2;
/** As many may have begun as ended: they are listed each so manieth time anyway. */
const refreshesPerList = 6;
const namesAtOnce = 200;

/** Begins to look at a process; throws a ProbeRefusal that says in one line why it can't be looked at. */
export const openSubject = (target: Target, pid: number, known?: WatchedThreads): Subject => {
	const openedAt = performance.now();
	const folder = `${target.procRoot}/${pid}`;
	const watched = ({tid}: Pick<ThreadEntry, 'tid'>): ThreadEntry | undefined => {
		const entry = known?.get(tid);
		return entry?.process.pid === pid && !entry.dead ? entry : undefined;
	};

	const {process, table, files} = findProcess(
		target,
		pid,
		entry => watched(entry)?.schedstatDescriptor ?? noDescriptor,
	);
	const {startTimeTicks} = process;
	const watchedProcess = (): ProcessEntry | undefined => {
		const other = watched({tid: pid})?.process;
		return other?.startTimeTicks === startTimeTicks ? other : undefined;
	};

	// Of a large program that takes a while to find out.
	process.runtime = watchedProcess()?.runtime;
	const {startStack} = readStat(`${folder}/stat`) ?? process;
	let version = 0;
	let links = 0;
	let refreshes = 0;

	const remove = (entry: ThreadEntry): void => {
		table.remove(entry);
		version++;
	};

	/** As they are watched anyway, where that are as many as there are. */
	const listThreads = (count: number): {has(tid: number): boolean; keys(): Iterable<number>} => {
		const others = watchedProcess()?.threads;
		return others?.size === count - linksOfDirectory
			? others
			: new Set(threadIds(`${folder}/task`));
	};

	const refreshThreads = (): void => {
		const linksNow = linksOf(`${folder}/task`);
		if (linksNow === links && ++refreshes % refreshesPerList !== 0) {
			return;
		}

		links = linksNow;
		const listed = listThreads(linksNow);
		for (const tid of listed.keys()) {
			if (!process.threads.has(tid)) {
				table.addUnread(process, tid).name = watched({tid})?.name ?? '';
				version++;
			}
		}

		for (const entry of process.threads.values()) {
			if (!listed.has(entry.tid)) {
				remove(entry);
			}
		}
	};

	return {
		pid,
		process,
		table,
		files,
		ranSince(entry, {slices, runNanoseconds}) {
			const before = watched(entry);
			return (
				before &&
				(before.ranAtMilliseconds > openedAt ||
					before.slices !== slices ||
					before.runNanoseconds !== runNanoseconds)
			);
		},
		refreshThreads,
		remove,
		get version() {
			return version;
		},
		knowsNames: known !== undefined,
		readNames() {
			let left = namesAtOnce;
			for (const entry of process.threads.values()) {
				if (entry.name !== '') {
					continue;
				}

				if (left-- === 0) {
					return true;
				}

				const name = readText(`${folder}/task/${entry.tid}/comm`)?.trimEnd();
				entry.name = name || process.name;
			}

			return false;
		},
		condition() {
			const stat = readStat(`${folder}/stat`);
			if (stat?.startTimeTicks !== startTimeTicks || stat.state === 'Z' || stat.state === 'X') {
				return 'ended';
			}

			// Each exec(2) puts its stack elsewhere.
			return stat.startStack === startStack ? 'same' : 'other-program';
		},
		childCount: () =>
			[...process.threads.keys()].slice(0, 64).reduce((sum, tid) => {
				const text = readText(`${folder}/task/${tid}/children`)?.trim() ?? '';
				return sum + (text === '' ? 0 : text.split(' ').length);
			}, 0),
		close() {
			for (const entry of [...process.threads.values()] as ThreadEntry[]) {
				files.release(entry);
			}
		},
	};
};
