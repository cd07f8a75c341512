import type {Process} from '../model/process.js';
import {isKnown} from '../model/reading.js';
import type {Snapshot} from '../model/snapshot.js';
import type {Thread} from '../model/thread.js';
import {
	fewestBySignature,
	fewestMicroseconds,
	type GilFight,
	isRefused,
} from './gil-fight-parts.js';
import {busyCpus, idlePercentButForUs} from './idle-cpus.js';
import {
	cpuLimit,
	cpuMicrosecondsPerSwitch,
	orZero,
	sleepMillisecondsPerWake,
	wakesOf,
	wantedCpuPercent,
} from './thread-facts.js';

/** Python 3 wakes each waiter at its switch interval, 5 ms: 200 times a second, measured 156 to 208 of many and up to 286 of three. */
const wakesPerWaiter = {least: 120, most: 300};

/**
It's a timer that wakes them, and the machine counts those: measured 130 to 270 for each waiter up to ten of them, more run out together.
Six threads that hash under one Lock of their own, by chance in the same rhythm, have none but the ticks of the CPU that is busy.
*/
const timersPerWaiter = {least: 100, mostWaiters: 10, fewestTicks: 100};

/** What is left of its time after it ran and waited for a CPU, over its wakes: 5 ms also where it wakes seldom, less when it is handed the lock. */
const sleepPerWake = {leastMilliseconds: 3.6, mostMilliseconds: 5.8};

/** One thread at a time runs Python: more than one CPU means that the lock isn't the limit. On a busy machine it gets less. */
const oneCpuPercent = {least: 70, most: 105, leastWanted: 90, leastUsed: 12};

/** Measured 190 to 330 wakes a second in each, with 40 to 60 % of a CPU. */
const turnsOfTwo = {leastCpuPercent: 30, mostCpuPercent: 65, leastWakes: 120, mostWakes: 400};

/**
Threads that put each other to sleep thousands of times a second with little Python in between hand over the GIL each time, whatever
else they hand over. Measured with one Lock and eight threads: 10,000 a second each, 12 µs.
*/
const handOvers = {threads: 3, wakesOfEach: 1000, leastCpuPercent: 70, mostMicroseconds: 100};

/**
Threads that serve and compute in between: together one CPU and no more although others are idle, each its part of it, and those that
were just woken wait for a CPU beside the one that still has the lock. Measured with gunicorn: 101 % of a CPU, 93 % waited for.
*/
const oneAmongMany = {
	threads: 4,
	cpuPercentOfEach: 2,
	wakesOfEach: 50,
	mostUneven: 5,
	cpuPercent: {least: 88, most: 107},
	waitedForCpu: 0.5,
	leastIdlePercent: 20,
	/** A process that may use one CPU only gets no more for that reason. */
	leastCpus: 1.5,
};

const isOneCpu = (cpuPercent: number, wantedPercent: number): boolean =>
	cpuPercent <= oneCpuPercent.most &&
	(cpuPercent >= oneCpuPercent.least ||
		(cpuPercent >= oneCpuPercent.leastUsed && wantedPercent >= oneCpuPercent.leastWanted));

/** Two threads that compute by turns share one CPU evenly, and each gives it up at each turn. */
const byTurnsOfTwo = (process: Process): readonly Thread[] => {
	const {leastCpuPercent, mostCpuPercent, leastWakes, mostWakes} = turnsOfTwo;
	const taking = process.threads.filter(thread => {
		const cpu = orZero(thread.cpuPercent);
		const wakes = orZero(thread.voluntarySwitchesPerSecond);
		return (
			cpu >= leastCpuPercent && cpu <= mostCpuPercent && wakes >= leastWakes && wakes <= mostWakes
		);
	});
	return taking.length === 2 && orZero(process.cpuPercent) >= oneCpuPercent.least ? taking : [];
};

const hasGilRhythm = (thread: Thread): boolean => {
	const wakes = orZero(thread.voluntarySwitchesPerSecond);
	const sleep = sleepMillisecondsPerWake(thread) ?? 0;
	// Each one gets its turn: a timer of 5 ms that does nothing wants no CPU.
	const wanted = wantedCpuPercent(thread) ?? 0;
	return (
		wanted >= 1 &&
		((wakes >= wakesPerWaiter.least && wakes <= wakesPerWaiter.most) ||
			(sleep >= sleepPerWake.leastMilliseconds && sleep <= sleepPerWake.mostMilliseconds))
	);
};

/** Whether the machine's timers can have woken so many waiters at each switch interval; where they weren't counted, they may. */
const mayBeTimed = (waiters: number, latest: Snapshot): boolean => {
	const timers = latest.system.wakeSources?.timerInterruptsPerSecond ?? Number.POSITIVE_INFINITY;
	const {least, mostWaiters, fewestTicks} = timersPerWaiter;
	return timers - (busyCpus(latest) ?? 0) * fewestTicks >= least * Math.min(waiters, mostWaiters);
};

/** Python 3 of another user: only what everybody may read, so only its exact rhythm counts. */
const byRates = (process: Process, latest: Snapshot): GilFight | undefined => {
	const {cpuPercent} = process;
	if (
		(cpuMicrosecondsPerSwitch(process) ?? 0) < fewestMicroseconds ||
		!isKnown(cpuPercent) ||
		!isOneCpu(cpuPercent, wantedCpuPercent(process) ?? 0)
	) {
		return undefined;
	}

	const waiting = process.threads.filter(hasGilRhythm);
	const taking = waiting.length >= fewestBySignature ? waiting : byTurnsOfTwo(process);
	return taking.length > 0 && mayBeTimed(taking.length - 1, latest)
		? {
				process,
				by: 'rates',
				confidence: 'possible',
				waiters: taking.length - 1,
				tids: taking.map(thread => thread.tid),
			}
		: undefined;
};

/** Python 3 of another user, whose threads hand a lock around so fast that no rhythm is left. */
const byHandOvers = (process: Process): GilFight | undefined => {
	const taking = process.threads.filter(
		thread => orZero(thread.voluntarySwitchesPerSecond) >= handOvers.wakesOfEach,
	);
	return taking.length >= handOvers.threads &&
		orZero(process.cpuPercent) >= handOvers.leastCpuPercent &&
		(cpuMicrosecondsPerSwitch(process) ?? Number.POSITIVE_INFINITY) <= handOvers.mostMicroseconds
		? {
				process,
				by: 'rates',
				confidence: 'possible',
				waiters: taking.length - 1,
				tids: taking.map(({tid}) => tid),
			}
		: undefined;
};

/** Python 3 of another user, whose threads have work enough for more than the one CPU that they get. */
const byShares = (process: Process, latest: Snapshot): GilFight | undefined => {
	const cpuPercent = orZero(process.cpuPercent);
	const waited = orZero(process.runQueueWaitPercent);
	if (
		cpuLimit(process, latest.host).cpus < oneAmongMany.leastCpus ||
		(idlePercentButForUs(latest) ?? 0) < oneAmongMany.leastIdlePercent ||
		cpuPercent < oneAmongMany.cpuPercent.least ||
		cpuPercent > oneAmongMany.cpuPercent.most ||
		waited < cpuPercent * oneAmongMany.waitedForCpu
	) {
		return undefined;
	}

	const taking = process.threads.filter(
		thread =>
			orZero(thread.cpuPercent) >= oneAmongMany.cpuPercentOfEach &&
			wakesOf(thread) >= oneAmongMany.wakesOfEach,
	);
	const shares = taking.map(thread => orZero(thread.cpuPercent));
	return taking.length >= oneAmongMany.threads &&
		Math.max(...shares) <= Math.min(...shares) * oneAmongMany.mostUneven
		? {
				process,
				by: 'rates',
				confidence: 'possible',
				waiters: waited / 100,
				tids: taking.map(({tid}) => tid),
			}
		: undefined;
};

/** The fight for the GIL of Python 3 in a process whose waits are refused. */
export const hiddenGilFightOf = (process: Process, latest: Snapshot): GilFight | undefined =>
	isRefused(process)
		? (byRates(process, latest) ?? byHandOvers(process) ?? byShares(process, latest))
		: undefined;
