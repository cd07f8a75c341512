import type {Process} from '../model/process.js';
import {orZero, sum, wantedCpuPercent} from './thread-facts.js';
import {isFutexWait, waitPercent} from './wait-facts.js';

/**
One thread at a time runs Ruby: together they use one CPU, or would if the machine had one for them, and hardly more by calls that do without the
lock: measured up to 113 % in puma.
*/
const oneCpuPercent = {least: 65, most: 118, leastWanted: 85, leastUsed: 15};

/** Each takes its turn of 100 ms; one that only waits for input takes next to none. */
const leastShareOfEach = 0.03;

const isOneCpu = (process: Process, cpu: number): boolean =>
	cpu <= oneCpuPercent.most &&
	(cpu >= oneCpuPercent.least ||
		(cpu >= oneCpuPercent.leastUsed &&
			(wantedCpuPercent(process) ?? 0) >= oneCpuPercent.leastWanted));

/** Threads that take turns wait for all the turns of the others. */
const fewestWaiters = 0.5;

/** Threads that share Ruby's global lock by turns, and how many of them wait on average. */
export type GvlFight = {tids: readonly number[]; waiters: number; hidden: boolean};

/**
The fight for Ruby's lock (the GVL): two threads and more compute, together they use one CPU, and
meanwhile the others sleep each on a word of its own, which tells nothing. Turns are long, so there
are hardly any switches. Where waits are refused, the CPUs alone must tell.
*/
export const gvlFightOf = (process: Process, hidden: boolean): GvlFight | undefined => {
	const cpu = orZero(process.cpuPercent);
	if (process.runtime?.name !== 'ruby' || !isOneCpu(process, cpu)) {
		return undefined;
	}

	const taking = process.threads.filter(
		thread => orZero(thread.cpuPercent) >= cpu * leastShareOfEach,
	);
	const asleep = sum(taking, thread => waitPercent(thread, isFutexWait)) / 100;
	const waiters = hidden ? taking.length - 1 : asleep;
	return taking.length >= 2 && waiters >= fewestWaiters
		? {tids: taking.map(({tid}) => tid), waiters, hidden}
		: undefined;
};
