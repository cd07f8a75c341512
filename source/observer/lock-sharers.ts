import {parseHeldLocks} from '../procfs/file-locks.js';
import {readLink} from '../procfs/read-link.js';
import {readText} from '../procfs/read-text.js';
import type {ProcessEntry} from '../sampler/task-entry.js';
import type {ObjectHolder, ObjectHolders} from './object-holders.js';
import {listOpenFiles} from './open-files.js';

/**
Who has an open file to which a lock belongs: that may be others than the one that took it, as where a script has flock(1) lock one of its
descriptors.
*/
export type LockSharers = {
	/** Those of a lock on the file of that path; undefined while they are looked for. `takerPid`: 0 or less where that isn't known. */
	of(path: string, takerPid: number): readonly ObjectHolder[] | undefined;
	/** Those of which it isn't known when they give it back are looked for anew; until then those of before count. */
	renew(): void;
	/** Forgets all other files. */
	keepOnly(paths: ReadonlySet<string | undefined>): void;
};

/** A process with more is believed to have what the kernel's list says. */
const mostFilesSearched = 256;

/** Whether a process has an open file with a lock on that file (`major:minor:inode`); true as well where that can't be told. */
export const mayHaveLock = (folder: string, file: string): boolean => {
	const descriptors = listOpenFiles(folder);
	if (!descriptors || descriptors.length > mostFilesSearched) {
		return true;
	}

	return descriptors.some(
		fd =>
			readLink(`${folder}/fd/${fd}`)?.startsWith('/') &&
			parseHeldLocks(readText(`${folder}/fdinfo/${fd}`) ?? '').some(lock => lock.file === file),
	);
};

type Known = {takerPid: number; sharers: readonly ObjectHolder[] | undefined};

export const createLockSharers = (
	holders: ObjectHolders,
	processes: ReadonlyMap<number, ProcessEntry>,
): LockSharers => {
	const known = new Map<string, Known>();

	const lookAgain = (path: string): undefined => {
		holders.forget([path]);
		holders.of(path);
	};

	return {
		of(path, takerPid) {
			const before = known.get(path);
			if (before?.takerPid !== takerPid) {
				known.set(path, {takerPid, sharers: undefined});
				return lookAgain(path);
			}

			const sharers = holders.of(path)?.holders ?? before.sharers;
			known.set(path, {takerPid, sharers});
			const left = sharers?.filter(({pid}) => processes.has(pid));
			return left?.length === 0 && sharers!.length > 0 ? lookAgain(path) : left;
		},
		renew() {
			for (const [path, {takerPid}] of known) {
				if (takerPid <= 0) {
					lookAgain(path);
				}
			}
		},
		keepOnly(paths) {
			for (const path of known.keys()) {
				if (!paths.has(path)) {
					known.delete(path);
					holders.forget([path]);
				}
			}
		},
	};
};
