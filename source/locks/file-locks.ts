import type {FileLock} from '../model/lock.js';
import type {FileLockLine} from '../procfs/file-locks.js';

export type FileLockNames = {
	/** Path of the file with that inode that a process waits for a lock on; undefined when it can't be told. */
	pathOf(waiterPid: number, inode: number): string | undefined;
	/** Who has that lock, on a file of that path, if it is known. */
	holderOf(lock: FileLockLine, path: string | undefined): number | undefined;
	processName(pid: number): string | undefined;
};

/** The inode in `major:minor:inode`. */
export const inodeOf = (file: string): number => Number(file.split(':')[2]);

/** One that is held, with what is known of it beside the kernel's line. */
export const describeLock = (
	{kind, access, file, range}: FileLockLine,
	{
		path,
		holderPid,
		holderName,
		waiterPids,
	}: {
		path: string | undefined;
		holderPid: number | undefined;
		holderName: string | undefined;
		waiterPids: readonly number[];
	},
): FileLock => ({
	kind,
	access,
	file,
	...(path !== undefined && {path}),
	...(holderPid !== undefined && {holderPid}),
	...(holderName !== undefined && {holderName}),
	waiterPids,
	range,
});

/** Locks on files that somebody waits for, with their holders; locks that nobody waits for are nobody's trouble. */
export const fileLocks = (
	lines: readonly FileLockLine[],
	{pathOf, holderOf, processName}: FileLockNames,
): readonly FileLock[] => {
	const waiters = new Map<number, number[]>();
	for (const {number, isWaiting, pid} of lines) {
		if (isWaiting) {
			waiters.set(number, [...(waiters.get(number) ?? []), pid]);
		}
	}

	return lines
		.filter(({number, isWaiting}) => !isWaiting && waiters.has(number))
		.map(line => {
			const waiterPids = waiters.get(line.number)!.filter(each => each > 0);
			const path = waiterPids
				.map(waiter => pathOf(waiter, inodeOf(line.file)))
				.find(each => each !== undefined);
			const holderPid = holderOf(line, path);
			const holderName = holderPid === undefined ? undefined : processName(holderPid);
			return describeLock(line, {path, holderPid, holderName, waiterPids});
		});
};

/** Of processes that share an open file the one that the others have it from: its parent is none of them. */
export const firstOfSharers = (
	pids: readonly number[],
	parentOf: (pid: number) => number | undefined,
): number | undefined => {
	const sharers = new Set(pids);
	return pids.find(pid => !sharers.has(parentOf(pid) ?? 0));
};
