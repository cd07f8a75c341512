import type {Process} from '../model/process.js';
import type {Snapshot} from '../model/snapshot.js';
import type {Thread} from '../model/thread.js';
import {idlePercentButForUs} from './idle-cpus.js';
import {type LockFight, runnableOf} from './lock-fight-parts.js';
import {cpuLimit, orZero, sum} from './thread-facts.js';

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

/**
Threads that get one CPU's time between them, evenly, sleep of themselves all the time, and wait for a CPU as long as they have one,
though another CPU is idle: each wakes the next one where it runs itself, and then sleeps until its next turn. Measured with mutexes
of glibc held for 1 µs to 1 ms: 90 to 104 % of a CPU, 0.5 to 6 times as much waited for; pools at work wait 0.1 to 0.5 times as long,
and put nobody aside.
*/
const turns = {
	wakesOfEach: 15,
	cpuPercentOfEach: 2,
	mostUneven: 3,
	leastCpuPercent: 85,
	mostCpuPercent: 115,
	shareOfProcess: 0.9,
	waitedForCpu: 0.9,
	/** Each is put aside by the one that it wakes: then a shorter wait for the CPU tells as much. */
	handedOver: {waitedForCpu: 0.3, putAside: 0.15},
	systemShare: 0.3,
	leastIdlePercent: 15,
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

const waitForTheirTurn = (taking: readonly Thread[], cpuPercent: number): boolean => {
	const waited = sum(taking, ({runQueueWaitPercent}) => orZero(runQueueWaitPercent));
	const wakes = sum(taking, thread => orZero(thread.voluntarySwitchesPerSecond));
	const putAside = sum(taking, thread => orZero(thread.involuntarySwitchesPerSecond));
	return (
		waited >= cpuPercent * turns.waitedForCpu ||
		(waited >= cpuPercent * turns.handedOver.waitedForCpu &&
			putAside >= wakes * turns.handedOver.putAside)
	);
};

const takesTurns = (process: Process, taking: readonly Thread[], idlePercent: number): boolean => {
	const shares = taking.map(({cpuPercent}) => orZero(cpuPercent));
	const cpuPercent = sum(shares, share => share);
	return (
		taking.length >= 2 &&
		idlePercent >= turns.leastIdlePercent &&
		cpuPercent >= turns.leastCpuPercent &&
		cpuPercent <= turns.mostCpuPercent &&
		cpuPercent >= orZero(process.cpuPercent) * turns.shareOfProcess &&
		Math.max(...shares) <= Math.min(...shares) * turns.mostUneven &&
		orZero(process.systemCpuPercent) <= cpuPercent * turns.systemShare &&
		waitForTheirTurn(taking, cpuPercent)
	);
};

/** The fight for a lock in a process whose waits are refused; nothing where the rates allow another reading. */
export const hiddenLockFightOf = (process: Process, latest: Snapshot): LockFight | undefined => {
	const {cpus} = cpuLimit(process, latest.host);
	const fight = (by: 'rates' | 'turns', threads: readonly Thread[]): LockFight => ({
		process,
		shape: by === 'rates' ? 'convoy' : 'computing',
		by,
		confidence: 'possible',
		tids: threads.map(({tid}) => tid),
		waiters: Math.max(0, threads.length - (by === 'rates' ? runnableOf(threads) : 1)),
	});
	const switching = process.threads.filter(
		thread => orZero(thread.voluntarySwitchesPerSecond) >= convoy.switchesOfEach,
	);
	if (isConvoy(process, switching, cpus)) {
		return fight('rates', switching);
	}

	const taking = process.threads.filter(
		thread =>
			orZero(thread.voluntarySwitchesPerSecond) >= turns.wakesOfEach &&
			orZero(thread.cpuPercent) >= turns.cpuPercentOfEach,
	);
	return cpus >= 2 && takesTurns(process, taking, idlePercentButForUs(latest) ?? 0)
		? fight('turns', taking)
		: undefined;
};
