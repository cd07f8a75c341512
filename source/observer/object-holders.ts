import {readdirSync} from 'node:fs';
import ownProcess from 'node:process';
import {type DescriptorAccess, parseDescriptorInfo, parseEventId} from '../procfs/fdinfo.js';
import {type FileLockLine, parseHeldLocks} from '../procfs/file-locks.js';
import {readLink} from '../procfs/read-link.js';
import {readText} from '../procfs/read-text.js';
import {refusedOrGone} from '../procfs/refused-or-gone.js';
import type {ProcessEntry} from '../sampler/task-entry.js';

/** A process that has a pipe, an eventfd or a locked file open, or a piece of memory mapped. */
export type ObjectHolder = {
	pid: number;
	access: DescriptorAccess;
	/** Whether a program that the process runs by exec(2) would have it too. */
	outlivesExec: boolean;
	/** The lock that an open file has. */
	lock?: FileLockLine;
};

export type FoundHolders = {
	holders: readonly ObjectHolder[];
	/** How many processes were looked through, and those of which the kernel refused what it takes. */
	processes: number;
	refused: readonly number[];
};

export type ObjectHolders = {
	/**
	Who has an object, of all processes: `pipe:[4711]` as the kernel links it, `eventfd:12`, `memory:00:1b 310` by its device and inode, or the
	path of a file: of that one those whose open file has a lock.
	Undefined while it is looked for, which begins when it is asked for first.
	*/
	of(key: string): FoundHolders | undefined;
	/** What was found may have changed. */
	forget(keys: Iterable<string>): void;
	/** Goes on looking, for some milliseconds. */
	proceed(): void;
};

/** What looking through all processes may take, of all time, and how much of it at once where none was needed for a while. */
const shareOfTime = 0.01;
const mostMilliseconds = 400;
const millisecondsAtOnce = 15;
const linksBetweenClockReads = 16;

/**
What a process inherited has the number that it had before, and these are given out from the lowest on: those of a server's thousands of
connections came later.
*/
const mostDescriptors = 1024;

/** Of our own the first ones: those behind them are held on threads' files. */
const ownDescriptors: readonly string[] = Array.from({length: 64}, (_, fd) => String(fd));

const eventfdLink = 'anon_inode:[eventfd]';
const memoryPrefix = 'memory:';
const eventPrefix = 'eventfd:';

/** By device and inode, as a line of /proc/PID/maps has them. */
export const memoryKey = (device: string, inode: number): string =>
	`${memoryPrefix}${device} ${inode}`;

export const eventKey = (id: number): string => `${eventPrefix}${id}`;

const isPath = (key: string): boolean => key.startsWith('/');

export const isEventKey = (key: string): boolean => key.startsWith(eventPrefix);

type Search = {
	found: Map<string, ObjectHolder[]>;
	wantsLinks: boolean;
	wantsEvents: boolean;
	memories: readonly string[];
	processes: number;
	/** Pids of those that may not be looked into. */
	refusedDescriptors: number[];
	refusedMaps: number[];
	steps: Iterator<undefined>;
};

export const createObjectHolders = (
	procRoot: string,
	processes: ReadonlyMap<number, ProcessEntry>,
): ObjectHolders => {
	const known = new Map<string, FoundHolders>();
	const asked = new Set<string>();
	let running: Search | undefined;
	let millisecondsLeft = mostMilliseconds;
	let refilledAt = performance.now();

	const infoOf = (search: Search, pid: number, fd: string): string => {
		const text = readText(`${procRoot}/${pid}/fdinfo/${fd}`);
		if (text === null) {
			search.refusedDescriptors.push(pid);
		}

		return text ?? '';
	};

	const note = ({found}: Search, key: string, pid: number, info: string): void => {
		const known = parseDescriptorInfo(info);
		const lock = isPath(key) ? parseHeldLocks(info)[0] : undefined;
		if (known !== undefined && (lock || !isPath(key))) {
			found
				.get(key)
				?.push({pid, access: known.access, outlivesExec: !known.closesOnExec, ...(lock && {lock})});
		}
	};

	const lookAt = (search: Search, pid: number, fd: string): void => {
		const link = readLink(`${procRoot}/${pid}/fd/${fd}`);
		if (link !== undefined && search.found.has(link)) {
			note(search, link, pid, infoOf(search, pid, fd));
		} else if (link === eventfdLink && search.wantsEvents) {
			const info = infoOf(search, pid, fd);
			const id = parseEventId(info);
			if (id !== undefined) {
				note(search, eventKey(id), pid, info);
			}
		}
	};

	const listDescriptors = (search: Search, pid: number): readonly string[] => {
		if (pid === ownProcess.pid) {
			return ownDescriptors;
		}

		try {
			// The kernel lists them by their numbers.
			return readdirSync(`${procRoot}/${pid}/fd`).slice(0, mostDescriptors);
		} catch (error) {
			if (refusedOrGone(error) === null) {
				search.refusedDescriptors.push(pid);
			}

			return [];
		}
	};

	const lookAtMaps = (search: Search, pid: number): void => {
		const text = readText(`${procRoot}/${pid}/maps`);
		if (text === null) {
			search.refusedMaps.push(pid);
		}

		for (const memory of search.memories) {
			if (text?.includes(` ${memory} `)) {
				search.found.get(memoryPrefix + memory)?.push({pid, access: 'both', outlivesExec: false});
			}
		}
	};

	const stepsOf = function* (search: Search): Generator<undefined> {
		// One that is found meanwhile comes last.
		for (const {pid, kernelThread} of processes.values()) {
			if (kernelThread) {
				continue;
			}

			search.processes++;
			if (search.memories.length > 0) {
				lookAtMaps(search, pid);
				yield;
			}

			const fds = search.wantsLinks || search.wantsEvents ? listDescriptors(search, pid) : [];
			for (const [index, fd] of fds.entries()) {
				lookAt(search, pid, fd);
				if (index % linksBetweenClockReads === 0) {
					yield;
				}
			}
		}
	};

	const begin = (): Search => {
		const keys = [...asked];
		asked.clear();
		const search: Search = {
			found: new Map(keys.map(key => [key, []])),
			wantsLinks: keys.some(key => key.startsWith('pipe:') || isPath(key)),
			wantsEvents: keys.some(isEventKey),
			memories: keys
				.filter(key => key.startsWith(memoryPrefix))
				.map(key => key.slice(memoryPrefix.length)),
			processes: 0,
			refusedDescriptors: [],
			refusedMaps: [],
			steps: [].values(),
		};
		search.steps = stepsOf(search);
		return search;
	};

	const refill = (): void => {
		const now = performance.now();
		const earned = (now - refilledAt) * shareOfTime;
		millisecondsLeft = Math.min(mostMilliseconds, millisecondsLeft + earned);
		refilledAt = now;
	};

	const finish = (search: Search): void => {
		for (const [key, holders] of search.found) {
			const refused = key.startsWith(memoryPrefix) ? search.refusedMaps : search.refusedDescriptors;
			known.set(key, {holders, processes: search.processes, refused});
		}
	};

	return {
		of(key) {
			const found = known.get(key);
			if (!found && !running?.found.has(key)) {
				asked.add(key);
			}

			return found;
		},
		forget(keys) {
			for (const key of keys) {
				known.delete(key);
				asked.delete(key);
				running?.found.delete(key);
			}
		},
		proceed() {
			refill();
			running ??= asked.size > 0 ? begin() : undefined;
			const began = performance.now();
			const until = began + Math.min(millisecondsAtOnce, millisecondsLeft);
			while (running && performance.now() < until) {
				if (running.steps.next().done) {
					finish(running);
					running = undefined;
				}
			}

			millisecondsLeft -= performance.now() - began;
		},
	};
};
