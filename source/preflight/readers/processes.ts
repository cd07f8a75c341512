import {statSync} from 'node:fs';
import {join} from 'node:path';
import type {Reading} from '../../model/reading.js';
import {failure, readPath} from '../../procfs/descriptor.js';
import {parseLimits, type SoftLimits} from '../../procfs/limits.js';
import {readStat} from '../../procfs/read-stat.js';
import {kernelThreadFlag} from '../../procfs/stat.js';
import type {Place} from '../place.js';
import {printable} from '../words.js';
import {createDescriptorReader, type DeletedFile, type SocketOwner} from './descriptors.js';
import {createPauses, numericNames} from './directory.js';

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

export type ProcessesReading = {
	processes: readonly ProcessReading[];
	deletedFiles: readonly DeletedFile[];
	/** By inode: who holds a socket that was asked for. */
	socketOwners: ReadonlyMap<number, SocketOwner>;
	/** Processes whose descriptors were refused. */
	refused: number;
	/** Processes whose descriptors weren't looked at because there were too many before them. */
	skipped: number;
};

/** Larger than any stat or limits file; one for all, since thousands of them are read. */
const buffer = Buffer.alloc(8192);

const readSoftLimits = (path: string): Reading<SoftLimits> => {
	const length = readPath(path, buffer);
	if (length < 0) {
		return length === failure.denied ? null : undefined;
	}

	return parseLimits(buffer.toString('latin1', 0, length));
};

const readUserId = (directory: string): number | undefined =>
	statSync(directory, {throwIfNoEntry: false})?.uid;

/** Reads what every process holds open and how near it is to its limits. A process that exits while it's read is left out. */
export const readProcesses = async (
	place: Place,
	wantedSockets: ReadonlySet<number>,
): Promise<ProcessesReading> => {
	const processes: ProcessReading[] = [];
	const descriptors = createDescriptorReader(place, wantedSockets);
	const pause = createPauses();
	for (const entry of numericNames(place.procRoot)) {
		await pause();
		const directory = join(place.procRoot, entry);
		const stat = readStat(join(directory, 'stat'));
		if (!stat) {
			continue;
		}

		const pid = Number(entry);
		const name = printable(stat.name);
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

	return {processes, ...descriptors.result()};
};
