import {inodeOf} from '../locks/file-locks.js';
import {isSqliteWriter, longestSleepMilliseconds, sleepsInSqlite} from '../locks/sqlite-locks.js';
import type {RetriedLock} from '../model/lock.js';
import type {FileLockLine} from '../procfs/file-locks.js';
import type {ProcessEntry, ThreadEntry} from '../sampler/task-entry.js';
import type {LockList} from './lock-list.js';
import type {OpenDatabases} from './open-databases.js';

/**
Finds locks of SQLite's databases for which threads sleep and try again. Nothing is read while no thread sleeps briefly, and little while
none of those has a database open.
*/
export type RetriedLocks = {
	/** To be told of each thread whose wait was read anew. */
	noteWait(entry: ThreadEntry): void;
	update(): void;
	/** As of the last update. */
	readonly found: readonly RetriedLock[];
};

export type RetriedLocksParts = {
	processes: ReadonlyMap<number, ProcessEntry>;
	databases: OpenDatabases;
	list: LockList;
	/** The stack of a thread that sleeps, innermost first; undefined where there is no time for it, or it may not be read. */
	stackOf(entry: ThreadEntry): readonly string[] | undefined;
};

/** Reading the list costs others time, and a starved writer is one for seconds. */
const millisecondsBetweenLists = 5000;
const most = {stacks: 24, stacksPerProcess: 8};
/** Ticks over which waiters are counted. */
const looks = 4;

const sleepsBriefly = ({wait}: ThreadEntry): boolean =>
	wait?.kind === 'sleep' &&
	wait.timeoutMilliseconds !== undefined &&
	wait.timeoutMilliseconds <= longestSleepMilliseconds;

export const createRetriedLocks = ({
	processes,
	databases,
	list,
	stackOf,
}: RetriedLocksParts): RetriedLocks => {
	const sleepers = new Set<ThreadEntry>();
	/** By the database's path: of the last looks, who was seen to sleep. */
	const seen = new Map<string, (readonly ThreadEntry[])[]>();
	let writers: readonly FileLockLine[] = [];
	let readAt = Number.NEGATIVE_INFINITY;
	let found: readonly RetriedLock[] = [];

	/** Those that sleep in SQLite right now, as far as there is time to read stacks. */
	const retryingNow = (): readonly ThreadEntry[] => {
		const retrying: ThreadEntry[] = [];
		const looked = new Map<ProcessEntry, number>();
		let left = most.stacks;
		for (const entry of sleepers) {
			const {process} = entry;
			const before = looked.get(process) ?? 0;
			if (entry.dead || !sleepsBriefly(entry) || databases.of(process).size === 0) {
				sleepers.delete(entry);
			} else if (left > 0 && before < most.stacksPerProcess) {
				left--;
				looked.set(process, before + 1);
				if (sleepsInSqlite(stackOf(entry) ?? [])) {
					retrying.push(entry);
				}
			}
		}

		return retrying;
	};

	/** Of a process's databases the one that somebody writes, or the only one. */
	const databaseWanted = (process: ProcessEntry): string | undefined => {
		const own = databases.of(process);
		const written = writers.map(({file}) => own.get(inodeOf(file))).find(path => path);
		const paths = new Set(own.values());
		return written ?? (paths.size === 1 ? [...paths][0] : undefined);
	};

	const noteLook = (retrying: readonly ThreadEntry[]): void => {
		const now = new Map<string, ThreadEntry[]>();
		for (const entry of retrying) {
			const path = databaseWanted(entry.process);
			if (path !== undefined) {
				now.set(path, [...(now.get(path) ?? []), entry]);
			}
		}

		for (const path of new Set([...seen.keys(), ...now.keys()])) {
			const last = [...(seen.get(path) ?? []), now.get(path) ?? []].slice(-looks);
			if (last.some(entries => entries.length > 0)) {
				seen.set(path, last);
			} else {
				seen.delete(path);
			}
		}
	};

	const holderOf = (path: string, users: readonly ProcessEntry[]): Partial<RetriedLock> => {
		const line = writers.find(({file}) =>
			users.some(user => databases.of(user).get(inodeOf(file)) === path),
		);
		const holder = processes.get(line?.pid ?? 0);
		return {
			...(line && {file: line.file}),
			...(holder && {holderPid: holder.pid, holderName: holder.name}),
		};
	};

	const describe = (): readonly RetriedLock[] =>
		Array.from(seen, ([path, last]) => {
			const entries = [...new Set(last.flat())].filter(({dead}) => !dead);
			const users = [...new Set(entries.map(({process}) => process))];
			return {
				...holderOf(path, users),
				path,
				pids: users.map(({pid}) => pid),
				tids: entries.map(({tid}) => tid),
				waitersAverage: last.reduce((sum, {length}) => sum + length, 0) / last.length,
			};
		}).filter(({tids}) => tids.length > 0);

	return {
		get found() {
			return found;
		},
		noteWait(entry) {
			if (sleepsBriefly(entry) && !databases.hasNone(entry.process)) {
				sleepers.add(entry);
			}
		},
		update() {
			databases.beginTick();
			const retrying = sleepers.size > 0 ? retryingNow() : [];
			if (retrying.length > 0 && performance.now() - readAt >= millisecondsBetweenLists) {
				readAt = performance.now();
				writers = list.read().filter(isSqliteWriter);
			}

			noteLook(retrying);
			found = describe();
		},
	};
};
