import type {Process} from '../model/process.js';
import type {Thread} from '../model/thread.js';
import {type LockFight, runnableOf} from './lock-fight-parts.js';
import type {Moment} from './rule.js';
import {cpuLimit, orZero, sum} from './thread-facts.js';
import {threadsThatTakeTurns} from './turn-taking.js';

/*
Another user's process, whose waits the kernel refuses: what is left are rates that everybody may read. They are called a fight for a
lock where nothing healthy is known to look like it, and never more than possible.
*/

/**
So many threads that take turns, user code for the better part, more runnable than CPUs: a pool in that state would not sleep. Or nearly
all of them want to run all the time, though each sleeps thousands of times a second: it is woken as soon as it sleeps. Measured with
semaphores: 0.97 to 0.99 of the threads, 0.68 to 0.81 of the CPU in the kernel; of a herd at a condition variable 0.2 of the threads.
*/
const convoy = {
	switches: 5000,
	switchesOfEach: 200,
	threads: 3,
	microseconds: 100,
	systemShare: 0.55,
	aboveCpus: 1,
	restless: {runnableShare: 0.85, systemShare: 0.85},
};

const isConvoy = (process: Process, switching: readonly Thread[], cpus: number): boolean => {
	const switches = sum(switching, thread => orZero(thread.voluntarySwitchesPerSecond));
	const cpuPercent = orZero(process.cpuPercent);
	const runnable = runnableOf(switching);
	const isRestless = runnable >= switching.length * convoy.restless.runnableShare;
	const {systemShare} = isRestless ? convoy.restless : convoy;
	return (
		switching.length >= convoy.threads &&
		switches >= convoy.switches &&
		(cpuPercent * 10_000) / switches <= convoy.microseconds &&
		orZero(process.systemCpuPercent) <= cpuPercent * systemShare &&
		runnable >= cpus + convoy.aboveCpus
	);
};

/** The fight for a lock in a process whose waits are refused; nothing where the rates allow another reading. */
export const hiddenLockFightOf = (moment: Moment, process: Process): LockFight | undefined => {
	const fight = (by: 'rates' | 'turns', threads: readonly Thread[]): LockFight => ({
		process,
		shape: by === 'rates' ? 'convoy' : 'computing',
		by,
		confidence: 'possible',
		tids: threads.map(({tid}) => tid),
		waiters: Math.max(0, threads.length - (by === 'rates' ? runnableOf(threads) : 1)),
	});
	const switching = process.threads.filter(
		thread =>
			!moment.isExplained(thread.tid) &&
			orZero(thread.voluntarySwitchesPerSecond) >= convoy.switchesOfEach,
	);
	if (isConvoy(process, switching, cpuLimit(process, moment.latest.host).cpus)) {
		return fight('rates', switching);
	}

	const taking = threadsThatTakeTurns(moment, process);
	return taking.length > 0 ? fight('turns', taking) : undefined;
};
