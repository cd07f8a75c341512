import {readdirSync, statSync} from 'node:fs';
import {join} from 'node:path';
import type {Reading} from '../../model/reading.js';
import {failure, readPath} from '../../procfs/descriptor.js';
import {parseLimits, type SoftLimits} from '../../procfs/limits.js';
import {readText} from '../../procfs/read-text.js';
import {kernelThreadFlag, parseStat, type Stat} from '../../procfs/stat.js';
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

/** Larger than any stat or limits file; one for all, since thousands of them are read. */
const buffer = Buffer.alloc(8192);

const readStat = (path: string): Stat | undefined => {
	const length = readPath(path, buffer);
	return length > 0 ? parseStat(buffer, length) : undefined;
};

const readSoftLimits = (path: string): Reading<SoftLimits> => {
	const length = readPath(path, buffer);
	if (length < 0) {
		return length === failure.denied ? null : undefined;
	}

	return parseLimits(buffer.toString('latin1', 0, length));
};

const numericNames = (directory: string): readonly string[] => {
	try {
		return readdirSync(directory).filter(name => /^\d+$/.test(name));
	} catch {
		return [];
	}
};

const sleeperOf = (task: string, pid: number, tid: number, stat: Stat | undefined) => {
	if (stat?.state !== 'D') {
		return [];
	}

	const channel = readText(join(task, 'wchan'));
	// The kernel writes 0 where it doesn't tell.
	const waitChannel = channel === '0' ? undefined : channel;
	return [{pid, tid, name: printable(stat.name), waitChannel}];
};

const readSleepers = (directory: string, pid: number, stat: Stat): readonly SleepingThread[] =>
	stat.threadCount === 1
		? sleeperOf(directory, pid, pid, stat)
		: numericNames(join(directory, 'task')).flatMap(name => {
				// Asked of each thread of the machine: normalising the path would cost more than the reading.
				const task = `${directory}/task/${name}`;
				return sleeperOf(task, pid, Number(name), readStat(`${task}/stat`));
			});

const readUserId = (directory: string): number | undefined =>
	statSync(directory, {throwIfNoEntry: false})?.uid;

/**
Reads what every process holds open, how near it is to its limits, and which threads are in uninterruptible sleep, unless the caller
knows: that is asked of every thread of the machine. A process that exits while it's read is left out.
*/
export const readProcesses = async (
	place: Place,
	wantedSockets: ReadonlySet<number>,
	knownSleepers?: readonly SleepingThread[],
): Promise<ProcessesReading> => {
	const processes: ProcessReading[] = [];
	const uninterruptible: SleepingThread[] = [...(knownSleepers ?? [])];
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
		if (!knownSleepers) {
			uninterruptible.push(...readSleepers(directory, pid, stat));
		}

		if ((stat.flags & kernelThreadFlag) !== 0) {
			// It holds no descriptors and has no limits.
			continue;
		}

		processes.push({
			pid,
			name,
			userId: readUserId(directory),
			threads: stat.threadCount,
			openFiles: descriptors.read(directory, {pid, name}),
			limits: readSoftLimits(join(directory, 'limits')),
		});
	}

	return {processes, uninterruptible, ...descriptors.result()};
};
