import type {ThreadIo, ThreadKernelWork} from '../model/kernel-work.js';
import {isKnown, type Reading} from '../model/reading.js';
import {readBytes, readText} from '../procfs/read-text.js';
import {parseStat, userWorkerFlags} from '../procfs/stat.js';
import {parseTaskIo, type TaskIo} from '../procfs/task-io.js';
import {ratePerSecond} from '../sampler/rates.js';
import type {ThreadEntry} from '../sampler/task-entry.js';

/** Counters of one thread that only grow. */
export type WorkCounters = {
	/** Null when the kernel refused them. */
	io: Reading<TaskIo>;
	pageFaults: number;
	readAtMilliseconds: number;
	startTimeTicks: number;
};

/** Undefined where it is gone, and of a thread that the kernel itself works with. */
export const readWorkCounters = (
	procRoot: string,
	{process: {pid}, tid}: ThreadEntry,
): WorkCounters | undefined => {
	const folder = `${procRoot}/${pid}/task/${tid}`;
	const text = readText(`${folder}/io`);
	const bytes = readBytes(`${folder}/stat`);
	const stat = bytes && parseStat(bytes, bytes.length);
	return stat && (stat.flags & userWorkerFlags) === 0
		? {
				io: isKnown(text) ? parseTaskIo(text) : text,
				pageFaults: stat.pageFaults,
				startTimeTicks: stat.startTimeTicks,
				readAtMilliseconds: performance.now(),
			}
		: undefined;
};

/** Rates of what was read and written between two readings of one task; undefined where a counter went back. */
export const ioBetween = (before: TaskIo, after: TaskIo, seconds: number): ThreadIo | undefined => {
	const rateOf = (name: keyof TaskIo) => ratePerSecond(before[name], after[name], seconds);
	const readsPerSecond = rateOf('reads');
	const readBytesPerSecond = rateOf('readBytes');
	const writesPerSecond = rateOf('writes');
	const writtenBytesPerSecond = rateOf('writtenBytes');
	return readsPerSecond !== undefined &&
		readBytesPerSecond !== undefined &&
		writesPerSecond !== undefined &&
		writtenBytesPerSecond !== undefined
		? {readsPerSecond, readBytesPerSecond, writesPerSecond, writtenBytesPerSecond}
		: undefined;
};

/** Rates between two readings; undefined where they are of two threads that had the same id. */
export const workBetween = (
	before: WorkCounters,
	after: WorkCounters,
): ThreadKernelWork | undefined => {
	const seconds = (after.readAtMilliseconds - before.readAtMilliseconds) / 1000;
	const pageFaultsPerSecond = ratePerSecond(before.pageFaults, after.pageFaults, seconds);
	return before.startTimeTicks === after.startTimeTicks && pageFaultsPerSecond !== undefined
		? {
				io: after.io && (before.io ? ioBetween(before.io, after.io, seconds) : undefined),
				pageFaultsPerSecond,
			}
		: undefined;
};
