import type {ProcessEntry} from '../sampler/task-entry.js';
import type {ObjectHolder, ObjectHolders} from './object-holders.js';

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
