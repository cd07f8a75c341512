import {type FileLockLine, parseFileLocks} from '../procfs/file-locks.js';
import {readText} from '../procfs/read-text.js';

/** The kernel's list of locks on files, for all who ask for it: it holds every reader up for some 10 ms, and whoever locks meanwhile. */
export type LockList = {
	/** As of now, or of a moment ago. */
	read(): readonly FileLockLine[];
};

const millisecondsOfMoment = 100;

export const createLockList = (procRoot: string): LockList => {
	let lines: readonly FileLockLine[] = [];
	let readAt = Number.NEGATIVE_INFINITY;
	return {
		read() {
			if (performance.now() - readAt >= millisecondsOfMoment) {
				const text = readText(`${procRoot}/locks`);
				lines = text ? parseFileLocks(text) : [];
				readAt = performance.now();
			}

			return lines;
		},
	};
};
