import {fileLocks, inodeOf} from '../locks/file-locks.js';
import type {FileLock} from '../model/lock.js';
import {parseDescriptorInfo} from '../procfs/fdinfo.js';
import {parseFileLocks} from '../procfs/file-locks.js';
import {readLink} from '../procfs/read-link.js';
import {readText} from '../procfs/read-text.js';
import type {ProcessEntry, ThreadEntry} from '../sampler/task-entry.js';

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

/** The kernel holds every reader of that file up for some 10 ms: locks that the same threads wait for are most often held by the same. */
const millisecondsBetweenReadings = 5000;

/** Of threads whose waits are refused it takes two readings in a row to tell a wait from a moment. */
const millisecondsToSecondReading = 1500;

/** The file that a thread waits for a lock on, by the descriptor that its call was given; what can't be told is missing. */
type WantedFile = {path?: string; inode?: number};

export const createFileLockObserver = (
	procRoot: string,
	processes: ReadonlyMap<number, ProcessEntry>,
): FileLockObserver => {
	const waiting = new Map<ThreadEntry, WantedFile>();
	let found: readonly FileLock[] = [];
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
		const text = isWanted ? readText(`${procRoot}/locks`) : undefined;
		found = text
			? fileLocks(parseFileLocks(text), {pathOf, processName: pid => processes.get(pid)?.name})
			: [];
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
			}

			for (const [entry, file] of waiting) {
				tell(entry, file);
			}
		},
	};
};
