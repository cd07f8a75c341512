import type {ThreadKernelWork} from '../model/kernel-work.js';
import type {Reading} from '../model/reading.js';
import {readBytes, readText} from '../procfs/read-text.js';
import {parseStat, userWorkerFlags} from '../procfs/stat.js';
import {parseTaskIo, type TaskIo} from '../procfs/task-io.js';
import {ratePerSecond} from '../sampler/rates.js';
import type {ThreadEntry} from '../sampler/task-entry.js';

/** Counters of one thread that only grow. */
export type WorkCounters = TaskIo & {
	pageFaults: number;
	readAtMilliseconds: number;
	startTimeTicks: number;
};

/** Null when the kernel refused them; undefined where they aren't there, and of a thread that the kernel itself works with. */
export const readWorkCounters = (
	procRoot: string,
	{process: {pid}, tid}: ThreadEntry,
): Reading<WorkCounters> => {
	const folder = `${procRoot}/${pid}/task/${tid}`;
	const text = readText(`${folder}/io`);
	const bytes = text && readBytes(`${folder}/stat`);
	if (text === null || bytes === null) {
		return null;
	}

	const io = text && parseTaskIo(text);
	const stat = bytes && parseStat(bytes, bytes.length);
	return io && stat && (stat.flags & userWorkerFlags) === 0
		? {
				...io,
				pageFaults: stat.pageFaults,
				startTimeTicks: stat.startTimeTicks,
				readAtMilliseconds: performance.now(),
			}
		: undefined;
};

/** Rates between two readings; undefined where they are of two threads that had the same id. */
export const workBetween = (
	before: WorkCounters,
	after: WorkCounters,
): ThreadKernelWork | undefined => {
	const seconds = (after.readAtMilliseconds - before.readAtMilliseconds) / 1000;
	const rateOf = (name: 'reads' | 'readBytes' | 'writes' | 'writtenBytes' | 'pageFaults') =>
		ratePerSecond(before[name], after[name], seconds);
	const readsPerSecond = rateOf('reads');
	const readBytesPerSecond = rateOf('readBytes');
	const writesPerSecond = rateOf('writes');
	const writtenBytesPerSecond = rateOf('writtenBytes');
	const pageFaultsPerSecond = rateOf('pageFaults');
	return before.startTimeTicks === after.startTimeTicks &&
		readsPerSecond !== undefined &&
		readBytesPerSecond !== undefined &&
		writesPerSecond !== undefined &&
		writtenBytesPerSecond !== undefined &&
		pageFaultsPerSecond !== undefined
		? {
				readsPerSecond,
				readBytesPerSecond,
				writesPerSecond,
				writtenBytesPerSecond,
				pageFaultsPerSecond,
			}
		: undefined;
};
