import type {FileLock} from '../model/lock.js';
import type {FileLockLine} from '../procfs/file-locks.js';

export type FileLockNames = {
	/** Path of the file with that inode that a process waits for a lock on; undefined when it can't be told. */
	pathOf(waiterPid: number, inode: number): string | undefined;
	processName(pid: number): string | undefined;
};

/** The inode in `major:minor:inode`. */
export const inodeOf = (file: string): number => Number(file.split(':')[2]);

/** Locks on files that somebody waits for, with their holders; locks that nobody waits for are nobody's trouble. */
export const fileLocks = (
	lines: readonly FileLockLine[],
	{pathOf, processName}: FileLockNames,
): readonly FileLock[] => {
	const waiters = new Map<number, number[]>();
	for (const {number, isWaiting, pid} of lines) {
		if (isWaiting) {
			waiters.set(number, [...(waiters.get(number) ?? []), pid]);
		}
	}

	return lines
		.filter(({number, isWaiting}) => !isWaiting && waiters.has(number))
		.map(({number, kind, access, pid, file, range}): FileLock => {
			const waiterPids = waiters.get(number)!.filter(each => each > 0);
			const path = waiterPids
				.map(waiter => pathOf(waiter, inodeOf(file)))
				.find(each => each !== undefined);
			const name = pid > 0 ? processName(pid) : undefined;
			return {
				kind,
				access,
				file,
				...(path !== undefined && {path}),
				...(pid > 0 && {holderPid: pid}),
				...(name !== undefined && {holderName: name}),
				waiterPids,
				range,
			};
		});
};
