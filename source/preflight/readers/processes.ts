import {readdirSync, statSync} from 'node:fs';
import {join} from 'node:path';
import type {Reading} from '../../model/reading.js';
import {parseLimits, type SoftLimits} from '../../procfs/limits.js';
import {readBytes, readText} from '../../procfs/read-text.js';
import {parseStat} from '../../procfs/stat.js';
import type {Place} from '../place.js';
import {printable} from '../words.js';
import {createDescriptorReader, type DeletedFile, type SocketOwner} from './descriptors.js';

/** A process against its own limits. */
export type ProcessReading = {
	pid: number;
	name: string;
	userId?: number;
	threads: number;
	/** Descriptors that it holds open. */
	openFiles: Reading<number>;
	limits: Reading<SoftLimits>;
};

/** A thread in uninterruptible sleep; it counts in the load average. */
export type SleepingThread = {
	pid: number;
	tid: number;
	name: string;
	waitChannel: Reading<string>;
};

export type ProcessesReading = {
	processes: readonly ProcessReading[];
	uninterruptible: readonly SleepingThread[];
	deletedFiles: readonly DeletedFile[];
	/** By inode: who holds a socket that was asked for. */
	socketOwners: ReadonlyMap<number, SocketOwner>;
	/** Processes whose descriptors were refused. */
	refused: number;
	/** Processes whose descriptors weren't looked at because there were too many before them. */
	skipped: number;
};

/** So much is read between two turns of the event loop that keys and timers don't wait for it. */
const pauseMilliseconds = 20;

const readStat = (path: string) => {
	const bytes = readBytes(path);
	return bytes ? parseStat(bytes, bytes.length) : undefined;
};

const numericNames = (directory: string): readonly string[] => {
	try {
		return readdirSync(directory).filter(name => /^\d+$/.test(name));
	} catch {
		return [];
	}
};

const readSleepers = (directory: string, pid: number): readonly SleepingThread[] =>
	numericNames(join(directory, 'task')).flatMap(name => {
		const task = join(directory, 'task', name);
		const stat = readStat(join(task, 'stat'));
		if (stat?.state !== 'D') {
			return [];
		}

		const channel = readText(join(task, 'wchan'));
		return [
			{
				pid,
				tid: Number(name),
				name: printable(stat.name),
				// The kernel writes 0 where it doesn't tell.
				waitChannel: channel === '0' ? undefined : channel,
			},
		];
	});

const readUserId = (directory: string): number | undefined =>
	statSync(directory, {throwIfNoEntry: false})?.uid;

/**
Reads what every process holds open, how near it is to its limits, and which threads are in uninterruptible sleep. A process
that exits while it's read is left out.
*/
export const readProcesses = async (
	place: Place,
	wantedSockets: ReadonlySet<number>,
	blockedWanted = true,
): Promise<ProcessesReading> => {
	const processes: ProcessReading[] = [];
	const uninterruptible: SleepingThread[] = [];
	const descriptors = createDescriptorReader(place, wantedSockets);
	let pauseAt = performance.now() + pauseMilliseconds;
	for (const entry of numericNames(place.procRoot)) {
		if (performance.now() > pauseAt) {
			await new Promise(resolve => setImmediate(resolve));
			pauseAt = performance.now() + pauseMilliseconds;
		}

		const directory = join(place.procRoot, entry);
		const stat = readStat(join(directory, 'stat'));
		if (!stat) {
			continue;
		}

		const pid = Number(entry);
		const name = printable(stat.name);
		const limits = readText(join(directory, 'limits'));
		if (blockedWanted) {
			uninterruptible.push(...readSleepers(directory, pid));
		}

		processes.push({
			pid,
			name,
			userId: readUserId(directory),
			threads: stat.threadCount,
			openFiles: descriptors.read(directory, {pid, name}),
			limits: typeof limits === 'string' ? parseLimits(limits) : limits,
		});
	}

	return {processes, uninterruptible, ...descriptors.result()};
};
