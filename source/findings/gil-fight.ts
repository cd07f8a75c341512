import type {Gil, Process} from '../model/process.js';
import {isKnown} from '../model/reading.js';
import type {Snapshot} from '../model/snapshot.js';
import type {Thread} from '../model/thread.js';
import type {Wait} from '../model/wait.js';
import {
	fewestBySignature,
	fewestMicroseconds,
	type GilFight,
	isRefused,
} from './gil-fight-parts.js';
import {hiddenGilFightOf} from './hidden-gil-fight.js';
import {pollingTids} from './polling-thread.js';
import {gvlFightOf} from './ruby-gvl.js';
import {isGilWait} from './runtime-waits.js';
import {
	cpuMicrosecondsPerSwitch,
	mainWait,
	orZero,
	sharesOf,
	someWait,
	sum,
	switchesOf,
	wantedCpuPercent,
} from './thread-facts.js';
import {isAnyWaiting, waitingIn} from './thread-marks.js';

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

/** Those that compute use most of what the process uses; pollers that queue up for a moment do not. */
const leastComputedShare = 0.3;

/** Counted by the interpreter: whatever the threads were seen waiting for, they hand its lock over so often. */
const manyHandOffs = 2000;
const leastCpuOfHandOffs = 70;

/** Each of them takes part with at least this share of the process's switches. */
const leastShareOfSwitches = 0.05;

const isPython2 = (process: Process): boolean => process.runtime?.version?.startsWith('2') ?? false;

// PyPy follows Python's rules with a lock of its own; a version that ends in t is built without.
const hasGil = ({runtime}: Process): boolean =>
	(runtime?.name === 'cpython' || runtime?.name === 'pypy') && !runtime.version?.endsWith('t');

/** Whether the thread's waits, as far as seen, allow that it's the lock that it waits for. */
const mayWaitForLock = (thread: Thread): boolean => {
	const wait = mainWait(thread);
	return wait === undefined || wait.kind === 'futex' || wait.kind === 'lock';
};

const atFutexes = waitingIn('futex', 'lock');

/** The lock by what its threads were seen to wait for, where nobody has summed that up in the runtime. */
const gilFromWaits = (process: Process): Gil | undefined => {
	if (!isAnyWaiting(process.threads, atFutexes)) {
		return undefined;
	}

	const isForIt = (wait: Wait) => isGilWait(process, wait);
	const waits = process.threads
		.filter(thread => someWait(thread, isForIt))
		.flatMap(thread =>
			sharesOf(thread)
				.filter(isForIt)
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
	if (handOffsPerSecond < manyHandOffs || orZero(process.cpuPercent) < leastCpuOfHandOffs) {
		return undefined;
	}

	// A crowd of pollers takes it as often, each for a moment, and keeps nobody waiting.
	const pollers = pollingTids(process);
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
	const pollers = pollingTids(process);
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

/** The fight for the interpreter lock in a process of a Snapshot; nothing when there is none or nothing can be told. */
export const gilFightOf = (process: Process, latest: Snapshot): GilFight | undefined => {
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
	// Where the lock itself was read, rates have nothing to add: threads that take turns at another lock look alike.
	const bySeveral = process.runtime?.gil === undefined ? bySwitches(process) : undefined;
	return (
		byWord(process) ??
		byHandOffs(process) ??
		hiddenGilFightOf(process, latest) ??
		byUnknownVersion ??
		(bySeveral && bySeveral.tids.length >= fewestBySignature && bySeveral.waiters >= 1
			? bySeveral
			: undefined)
	);
};
