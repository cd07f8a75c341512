import type {Thread} from '../model/thread.js';
import {orZero, sum} from './thread-facts.js';

const short = {waiting: 4, waitersTimes: 2, usedShare: 0.85};

/**
Whether the threads are short of CPUs rather than of the lock: far more of them wait for a CPU, or they use all CPUs that they may, which those
that one lock lets through one by one can't. Whoever has it waits for a CPU as well, and holds it for as long as that takes. So at a
barrier of 24 threads on two CPUs, which all leave through one mutex.
*/
export const areShortOfCpus = (
	threads: readonly Thread[],
	waiters: number,
	cpus: number,
): boolean => {
	const wanting = sum(threads, ({runQueueWaitPercent}) => orZero(runQueueWaitPercent)) / 100;
	const used = sum(threads, ({cpuPercent}) => orZero(cpuPercent)) / 100;
	return (
		wanting >= Math.max(short.waiting, waiters * short.waitersTimes) ||
		(wanting >= short.waiting && cpus >= 2 && used >= cpus * short.usedShare)
	);
};
