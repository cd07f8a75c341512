import type {Confidence} from '../model/finding.js';
import type {Gil, Process} from '../model/process.js';
import {isKnown} from '../model/reading.js';
import type {Thread} from '../model/thread.js';
import {idleThreads, isGilWait} from './polling-thread.js';
import {gvlFightOf} from './ruby-gvl.js';
import {
	areWaitsRefused,
	cpuMicrosecondsPerSwitch,
	mainWait,
	orZero,
	sharesOf,
	sleepMillisecondsPerWake,
	sum,
	switchesOf,
	waitVisibility,
	wantedCpuPercent,
} from './thread-facts.js';

/** Below, nobody waits for long: measured fights have 0.68 and more, all other programs 0.01 and less. */
const fewestWaiters = 0.5;

/**
Python 2.7 hands its lock over with every check interval, so its threads are hardly ever
seen asleep: they want a CPU most of the time. One computing thread alone wants 1.0; two
that fight were measured at 1.3, eight at 7.6.
*/
const fewestRunnableInPython2 = 1.1;

/** Time slices alone give a computing thread some tens of switches a second, all involuntary. */
const fewestSwitchesInPython2 = 500;

/** Measured: 7 to 75 µs; time slices are 400 µs and more. Without this, a throttled process looks alike. */
const mostMicrosecondsInPython2 = 200;

/**
A thread of the fight in Python 2.7: on the run queue more often than not, and switching. One that computes undisturbed never gives
the CPU up of itself, so on a machine that lets it run seldom it counts by the CPU that it gets.
*/
const contender = {
	wantedPercent: 50,
	switchesPerSecond: 100,
	fewest: 10,
	mostMicroseconds: 10_000,
	leastOfBusiest: 0.1,
};

/** Python 3 wakes each waiter at its switch interval, 5 ms: 200 times a second, measured 156 to 208. */
const wakesPerWaiter = {least: 120, most: 260};

/** What is left of its time after it ran and waited for a CPU, over its wakes: 5 ms also where it wakes seldom, less when it is handed the lock. */
const sleepPerWake = {leastMilliseconds: 3.6, mostMilliseconds: 5.8};

/** Pollers take 7 to 43 µs a wake. */
const fewestMicroseconds = 45;

/** One thread at a time runs Python: more than one CPU means that the lock isn't the limit. On a busy machine it gets less. */
const oneCpuPercent = {least: 70, most: 105, leastWanted: 90, leastUsed: 12};

/** Those that compute use most of what the process uses; pollers that queue up for a moment do not. */
const leastComputedShare = 0.3;

/** Measured 190 to 330 wakes a second in each, with 40 to 60 % of a CPU. */
const turnsOfTwo = {leastCpuPercent: 30, mostCpuPercent: 65, leastWakes: 120, mostWakes: 400};

/** Counted by the interpreter: whatever the threads were seen waiting for, they hand its lock over so often. */
const manyHandOffs = 2000;

/** Each of them takes part with at least this share of the process's switches. */
const leastShareOfSwitches = 0.05;

/**
Threads that put each other to sleep thousands of times a second with little Python in between hand over the GIL each time, whatever
else they hand over. Measured with one Lock and eight threads: 10,000 a second each, 12 µs.
*/
const handOvers = {threads: 3, wakesOfEach: 1000, leastCpuPercent: 70, mostMicroseconds: 100};

/** Rates alone have to be seen in this many threads before they count. */
const fewestBySignature = 3;

/** The fight for the interpreter lock of one process. */
export type GilFight = {
	process: Process;
	/** How it was told: the lock's word was read, Python 2.7's way of switching, Ruby's turns, or rates alone. */
	by: 'word' | 'switches' | 'turns' | 'rates';
	confidence: Confidence;
	/** Mean number of threads that wait; for Python 2.7 those that want to run, but for one. */
	waiters: number;
	/** Threads that take part. */
	tids: readonly number[];
	handOffsPerSecond?: number;
	/** Where the lock lies. */
	region?: string;
	/** For Python 2.7: mean number of threads seen asleep at the lock, which most of the fight isn't. */
	asleep?: number;
};

// With exe and maps refused the waits are refused as well; threads that all run at the moment don't show it.
const isRefused = (process: Process): boolean =>
	areWaitsRefused(process) ||
	(process.runtime?.source === 'commandLine' &&
		!process.threads.some(thread => switchesOf(thread) > 0 && waitVisibility(thread) === 'seen'));

const isPython2 = (process: Process): boolean => process.runtime?.version?.startsWith('2') ?? false;

// PyPy follows Python's rules with a lock of its own; a version that ends in t is built without.
const hasGil = ({runtime}: Process): boolean =>
	(runtime?.name === 'cpython' || runtime?.name === 'pypy') && !runtime.version?.endsWith('t');

/** Whether the thread's waits, as far as seen, allow that it's the lock that it waits for. */
const mayWaitForLock = (thread: Thread): boolean => {
	const wait = mainWait(thread);
	return wait === undefined || wait.kind === 'futex' || wait.kind === 'lock';
};

/** The lock by what its threads were seen to wait for, where nobody has summed that up in the runtime. */
const gilFromWaits = (process: Process): Gil | undefined => {
	const waits = process.threads.flatMap(thread =>
		sharesOf(thread)
			.filter(wait => isGilWait(process, wait))
			.map(wait => ({tid: thread.tid, wait})),
	);
	const region = waits[0]?.wait.region;
	return region === undefined
		? undefined
		: {
				waiters: sum(waits, ({wait}) => wait.percent) / 100,
				waiterTids: [...new Set(waits.map(({tid}) => tid))],
				region,
			};
};

const doCompute = (process: Process, tids: readonly number[]): boolean => {
	const threads = process.threads.filter(({tid}) => tids.includes(tid));
	const perSwitch = cpuMicrosecondsPerSwitch(process) ?? Number.POSITIVE_INFINITY;
	return (
		perSwitch >= fewestMicroseconds &&
		sum(threads, ({cpuPercent}) => orZero(cpuPercent)) >=
			orZero(process.cpuPercent) * leastComputedShare
	);
};

const byHandOffs = (process: Process): GilFight | undefined => {
	const {handOffsPerSecond = 0, waiters = 0, region} = process.runtime?.gil ?? {};
	if (handOffsPerSecond < manyHandOffs || orZero(process.cpuPercent) < handOvers.leastCpuPercent) {
		return undefined;
	}

	// A crowd of pollers takes it as often, each for a moment, and keeps nobody waiting.
	const pollers = new Set(idleThreads(process).polling.map(({thread}) => thread.tid));
	const least = switchesOf(process) * leastShareOfSwitches;
	const taking = process.threads.filter(
		thread => switchesOf(thread) >= least && !pollers.has(thread.tid),
	);
	return taking.length >= 2
		? {
				process,
				by: 'word',
				confidence: 'certain',
				waiters,
				tids: taking.map(({tid}) => tid),
				handOffsPerSecond,
				...(region !== undefined && {region}),
			}
		: undefined;
};

const byWord = (process: Process): GilFight | undefined => {
	const gil = process.runtime?.gil ?? gilFromWaits(process);
	if (gil === undefined || gil.waiters < fewestWaiters || gil.waiterTids.length === 0) {
		return undefined;
	}

	const {holderTid, waiterTids, waiters, handOffsPerSecond, region} = gil;
	const taking = new Set([...waiterTids, ...(isKnown(holderTid) ? [holderTid] : [])]);
	// A thread that polls needs the lock for each of its wakes, yet it isn't the one that keeps it from others.
	const pollers = new Set(idleThreads(process).polling.map(({thread}) => thread.tid));
	const computing = [...taking].filter(tid => !pollers.has(tid));
	if (computing.length === 0 || !doCompute(process, computing)) {
		return undefined;
	}

	return {
		process,
		by: 'word',
		confidence: 'certain',
		waiters,
		tids: computing,
		...(handOffsPerSecond !== undefined && {handOffsPerSecond}),
		region,
	};
};

const isGivingWay = (thread: Thread): boolean => {
	const switches = orZero(thread.voluntarySwitchesPerSecond);
	return (
		switches >= contender.switchesPerSecond ||
		(switches >= contender.fewest &&
			(orZero(thread.cpuPercent) * 10_000) / switches <= contender.mostMicroseconds)
	);
};

/** Python 2.7: threads that all want the CPU, give it up of themselves all the time, and do little in between. */
const bySwitches = (process: Process): GilFight | undefined => {
	const perSwitch = cpuMicrosecondsPerSwitch(process);
	if (
		orZero(process.voluntarySwitchesPerSecond) < fewestSwitchesInPython2 ||
		perSwitch === undefined ||
		perSwitch > mostMicrosecondsInPython2
	) {
		return undefined;
	}

	const wanting = process.threads.filter(
		thread =>
			(wantedCpuPercent(thread) ?? 0) >= contender.wantedPercent &&
			isGivingWay(thread) &&
			mayWaitForLock(thread),
	);
	// On a machine without a CPU to spare pollers want one most of the time, and use next to nothing of it.
	const most = Math.max(...wanting.map(({cpuPercent}) => orZero(cpuPercent)));
	const taking = wanting.filter(
		({cpuPercent}) => orZero(cpuPercent) >= most * contender.leastOfBusiest,
	);
	const runnable = sum(taking, thread => wantedCpuPercent(thread) ?? 0) / 100;
	if (taking.length < 2 || runnable < fewestRunnableInPython2) {
		return undefined;
	}

	// A semaphore where none of these threads waits is that of an idle pool.
	const tids = taking.map(thread => thread.tid);
	const gil = process.runtime?.gil;
	const lock = gil?.waiterTids.some(tid => tids.includes(tid)) ? gil : undefined;
	return {
		process,
		by: 'switches',
		confidence: isRefused(process) ? 'possible' : 'likely',
		waiters: runnable - 1,
		tids,
		...(lock && {region: lock.region, asleep: lock.waiters}),
		...(lock?.handOffsPerSecond !== undefined && {handOffsPerSecond: lock.handOffsPerSecond}),
	};
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

/** Python 3 of another user: only what everybody may read, so only its exact rhythm counts. */
const byRates = (process: Process): GilFight | undefined => {
	const {cpuPercent} = process;
	if (
		!isRefused(process) ||
		(cpuMicrosecondsPerSwitch(process) ?? 0) < fewestMicroseconds ||
		!isKnown(cpuPercent) ||
		!isOneCpu(cpuPercent, wantedCpuPercent(process) ?? 0)
	) {
		return undefined;
	}

	const waiting = process.threads.filter(hasGilRhythm);
	const taking = waiting.length >= fewestBySignature ? waiting : byTurnsOfTwo(process);
	return taking.length > 0
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
	return isRefused(process) &&
		taking.length >= handOvers.threads &&
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

/** Ruby: threads that compute by turns of 100 ms, one CPU for all of them. */
const byTurns = (process: Process): GilFight | undefined => {
	const fight = gvlFightOf(process, isRefused(process));
	return (
		fight && {
			process,
			by: 'turns',
			confidence: fight.hidden ? 'possible' : 'likely',
			waiters: fight.waiters,
			tids: fight.tids,
		}
	);
};

/** The fight for the interpreter lock in a process; nothing when there is none or nothing can be told. */
export const gilFightOf = (process: Process): GilFight | undefined => {
	if (process.runtime?.name === 'ruby') {
		return byTurns(process);
	}

	if (!hasGil(process)) {
		return undefined;
	}

	if (isPython2(process)) {
		return bySwitches(process);
	}

	const byUnknownVersion =
		process.runtime?.version === undefined && isRefused(process) ? bySwitches(process) : undefined;
	const bySeveral = bySwitches(process);
	return (
		byWord(process) ??
		byHandOffs(process) ??
		byRates(process) ??
		byHandOvers(process) ??
		byUnknownVersion ??
		(bySeveral && bySeveral.tids.length >= fewestBySignature && bySeveral.waiters >= 1
			? bySeveral
			: undefined)
	);
};
