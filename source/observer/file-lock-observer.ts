import {readlinkSync} from 'node:fs';
import {fileLocks} from '../locks/file-locks.js';
import type {FileLock} from '../model/lock.js';
import {parseFileLocks} from '../procfs/file-locks.js';
import {readText} from '../procfs/read-text.js';
import type {ProcessEntry, ThreadEntry} from '../sampler/task-entry.js';

/** Finds who holds the locks on files that threads wait for. Nothing is read while no thread does. */
export type FileLockObserver = {
	/** To be told of each thread whose wait was read anew. */
	noteWait(entry: ThreadEntry): void;
	find(): readonly FileLock[];
};

/** The kernel holds every reader of that file up for some 10 ms: locks that the same threads wait for are most often held by the same. */
const millisecondsBetweenReadings = 5000;

const linkOf = (procRoot: string, pid: number, fd: number): string | undefined => {
	try {
		return readlinkSync(`${procRoot}/${pid}/fd/${fd}`);
	} catch {
		return undefined;
	}
};

export const createFileLockObserver = (
	procRoot: string,
	processes: ReadonlyMap<number, ProcessEntry>,
): FileLockObserver => {
	const waiting = new Set<ThreadEntry>();
	let found: readonly FileLock[] = [];
	let readAt = Number.NEGATIVE_INFINITY;
	let isChanged = false;

	/** By the descriptor that the waiting call was given. */
	const pathOf = (pid: number): string | undefined => {
		for (const {process, wait} of waiting) {
			if (process.pid === pid && wait?.fd !== undefined) {
				return linkOf(procRoot, pid, wait.fd);
			}
		}

		return undefined;
	};

	return {
		noteWait(entry) {
			if (entry.wait?.kind === 'file-lock') {
				isChanged ||= !waiting.has(entry);
				waiting.add(entry);
			}
		},
		find() {
			for (const entry of waiting) {
				if (entry.dead || entry.wait?.kind !== 'file-lock') {
					waiting.delete(entry);
					isChanged = true;
				}
			}

			const now = performance.now();
			if (!isChanged && now - readAt < millisecondsBetweenReadings) {
				return found;
			}

			isChanged = false;
			readAt = now;
			const text = waiting.size === 0 ? undefined : readText(`${procRoot}/locks`);
			found = text
				? fileLocks(parseFileLocks(text), {pathOf, processName: pid => processes.get(pid)?.name})
				: [];
			return found;
		},
	};
};
