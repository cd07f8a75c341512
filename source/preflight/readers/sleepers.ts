import type {Reading} from '../../model/reading.js';
import {readStat} from '../../procfs/read-stat.js';
import {readText} from '../../procfs/read-text.js';
import type {Stat} from '../../procfs/stat.js';
import type {Place} from '../place.js';
import {printable} from '../words.js';
import {createPauses, numericNames} from './directory.js';

/** A thread in uninterruptible sleep; it counts in the load average. */
export type SleepingThread = {
	pid: number;
	tid: number;
	name: string;
	waitChannel: Reading<string>;
};

const sleeperOf = (task: string, pid: number, tid: number, stat: Stat | undefined) => {
	if (stat?.state !== 'D') {
		return [];
	}

	const channel = readText(`${task}/wchan`);
	// The kernel writes 0 where it doesn't tell.
	const waitChannel = channel === '0' ? undefined : channel;
	return [{pid, tid, name: printable(stat.name), waitChannel}];
};

const sleepersOf = (directory: string, pid: number): readonly SleepingThread[] => {
	const stat = readStat(`${directory}/stat`);
	if (stat === undefined || stat.threadCount === 1) {
		return sleeperOf(directory, pid, pid, stat);
	}

	return numericNames(`${directory}/task`).flatMap(name => {
		// Asked of each thread of the machine: normalising the path would cost more than the reading.
		const task = `${directory}/task/${name}`;
		return sleeperOf(task, pid, Number(name), readStat(`${task}/stat`));
	});
};

/** All threads of the machine that are in uninterruptible sleep; processes that exit meanwhile are left out. */
export const readSleepers = async ({procRoot}: Place): Promise<readonly SleepingThread[]> => {
	const pause = createPauses();
	const sleepers: SleepingThread[] = [];
	for (const name of numericNames(procRoot)) {
		await pause();
		sleepers.push(...sleepersOf(`${procRoot}/${name}`, Number(name)));
	}

	return sleepers;
};
