import {describeLock, fileLocks, firstOfSharers, inodeOf} from '../locks/file-locks.js';
import type {FileLock} from '../model/lock.js';
import {parseDescriptorInfo} from '../procfs/fdinfo.js';
import type {FileLockLine} from '../procfs/file-locks.js';
import {readLink} from '../procfs/read-link.js';
import {readText} from '../procfs/read-text.js';
import type {ProcessEntry, ThreadEntry} from '../sampler/task-entry.js';
import type {LockList} from './lock-list.js';
import {createLockSharers, mayHaveLock} from './lock-sharers.js';
import type {ObjectHolders} from './object-holders.js';

/**
Finds who holds the locks on files that threads wait for. Nothing is read while no thread does, but where the kernel refuses what some
threads wait for: then that file, which everybody may read, is all that tells.
*/
export type FileLockObserver = {
	/** To be told of each thread whose wait was read anew. */
	noteWait(entry: ThreadEntry): void;
	/** Reads the locks anew where that is due, and writes into the waits which file they are for and who has it. */
	update(): void;
	/** As of the last update. */
	readonly found: readonly FileLock[];
};

/** Reading the list costs others time: locks that the same threads wait for are most often held by the same. */
const millisecondsBetweenReadings = 5000;

/** Of threads whose waits are refused it takes two readings in a row to tell a wait from a moment. */
const millisecondsToSecondReading = 1500;

/** See proc_locks(5): of a lock that belongs to an open file, not to a process. */
const unknownTaker = -1;

/** The file that a thread waits for a lock on, by the descriptor that its call was given; what can't be told is missing. */
type WantedFile = {path?: string; inode?: number};

export const createFileLockObserver = (
	procRoot: string,
	processes: ReadonlyMap<number, ProcessEntry>,
	holders: ObjectHolders,
	list: LockList,
): FileLockObserver => {
	const waiting = new Map<ThreadEntry, WantedFile>();
	let lines: readonly FileLockLine[] = [];
	let found: readonly FileLock[] = [];
	const sharers = createLockSharers(holders, processes);
	/** Of those that took a lock, as of the last reading. */
	const stillHave = new Map<string, boolean>();
	let isSearching = false;
	let readAt = Number.NEGATIVE_INFINITY;
	let isChanged = false;
	let someRefused = false;

	const wantedFile = ({process: {pid}, wait}: ThreadEntry): WantedFile => {
		if (wait?.fd === undefined) {
			return {};
		}

		const path = readLink(`${procRoot}/${pid}/fd/${wait.fd}`);
		const info = parseDescriptorInfo(readText(`${procRoot}/${pid}/fdinfo/${wait.fd}`) ?? '');
		return {
			...(path !== undefined && {path}),
			...(info?.inode !== undefined && {inode: info.inode}),
		};
	};

	const wantedBy = (pid: number): readonly WantedFile[] =>
		Array.from(waiting, ([entry, file]) => (entry.process.pid === pid ? file : {})).filter(
			({path}) => path !== undefined,
		);

	/** Where the kernel doesn't tell the inodes of open files (before Linux 5.14), of a process that waits for one file alone. */
	const pathOf = (pid: number, inode: number): string | undefined => {
		const files = wantedBy(pid);
		const [only] = files;
		return (
			files.find(file => file.inode === inode)?.path ??
			(files.length === 1 && only?.inode === undefined ? only?.path : undefined)
		);
	};

	const isDue = (): boolean => {
		const looksAgain = waiting.size === 0 && someRefused && found.length > 0;
		const interval = looksAgain ? millisecondsToSecondReading : millisecondsBetweenReadings;
		return isChanged || performance.now() - readAt >= interval;
	};

	const read = (): void => {
		const isWanted = waiting.size > 0 || someRefused;
		isChanged = false;
		someRefused = false;
		readAt = performance.now();
		lines = isWanted ? list.read() : [];
		stillHave.clear();
		sharers.renew();
	};

	const sharersOf = (path: string, takerPid: number) => {
		const found = sharers.of(path, takerPid);
		isSearching ||= found === undefined;
		const pids = found?.map(({pid}) => pid) ?? [];
		const holderPid = firstOfSharers(pids, pid => processes.get(pid)?.parentPid);
		return {holderPid, lock: found?.find(({pid}) => pid === holderPid)?.lock};
	};

	const nameOf = (pid: number): string | undefined => processes.get(pid)?.name;

	/** The pid of one that has ended is given to another process in the end. */
	const hasItStill = ({pid, file}: FileLockLine): boolean => {
		const key = `${pid} ${file}`;
		const has = stillHave.get(key) ?? mayHaveLock(`${procRoot}/${pid}`, file);
		stillHave.set(key, has);
		return has;
	};

	/** From inside a container the kernel leaves out the locks whose takers have ended, and who waits for them. */
	const unlisted = (listed: readonly FileLock[]): readonly FileLock[] => {
		const waitersOf = new Map<string, number[]>();
		for (const [{process, wait}, {path}] of waiting) {
			const isListed = listed.some(({waiterPids}) => waiterPids.includes(process.pid));
			if (path !== undefined && wait?.call === 'flock' && !isListed) {
				waitersOf.set(path, [...(waitersOf.get(path) ?? []), process.pid]);
			}
		}

		return [...waitersOf].flatMap(([path, waiterPids]) => {
			const {holderPid, lock} = sharersOf(path, unknownTaker);
			return lock && holderPid !== undefined
				? describeLock(lock, {path, holderPid, holderName: nameOf(holderPid), waiterPids})
				: [];
		});
	};

	/** As of the last reading, with what has become known of the holders since. */
	const describe = (): void => {
		isSearching = false;
		const listed = fileLocks(lines, {
			pathOf,
			processName: nameOf,
			holderOf(lock, path) {
				if (processes.has(lock.pid) && hasItStill(lock)) {
					return lock.pid;
				}

				return path === undefined ? undefined : sharersOf(path, lock.pid).holderPid;
			},
		});
		found = [...listed, ...unlisted(listed)];
		sharers.keepOnly(new Set(Array.from(waiting.values(), ({path}) => path)));
	};

	const holderOf = ({process: {pid}}: ThreadEntry, {inode}: WantedFile): number | undefined => {
		const locks = found.filter(({waiterPids}) => waiterPids.includes(pid));
		const isOnly = inode === undefined && locks.length === 1 && wantedBy(pid).length <= 1;
		return (isOnly ? locks[0] : locks.find(({file}) => inodeOf(file) === inode))?.holderPid;
	};

	const tell = (entry: ThreadEntry, file: WantedFile): void => {
		const {wait} = entry;
		const holderPid = holderOf(entry, file);
		if (!wait || (wait.target === file.path && wait.holderPid === holderPid)) {
			return;
		}

		const {target: _, holderPid: __, ...bare} = wait;
		entry.wait = {
			...bare,
			...(file.path !== undefined && {target: file.path}),
			...(holderPid !== undefined && {holderPid}),
		};
		entry.dirty = true;
		entry.process.dirty = true;
	};

	return {
		get found() {
			return found;
		},
		noteWait(entry) {
			someRefused ||= entry.wait === null && !entry.process.kernelThread;
			if (entry.wait?.kind === 'file-lock') {
				isChanged ||= !waiting.has(entry);
				waiting.set(entry, wantedFile(entry));
			}
		},
		update() {
			for (const entry of waiting.keys()) {
				if (entry.dead || entry.wait?.kind !== 'file-lock') {
					waiting.delete(entry);
					isChanged = true;
				}
			}

			if (isDue()) {
				read();
				describe();
			} else if (isSearching) {
				describe();
			}

			for (const [entry, file] of waiting) {
				tell(entry, file);
			}
		},
	};
};
