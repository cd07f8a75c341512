import {createFindingsEngine, type Evaluation} from '../../source/findings/engine.js';
import {rules} from '../../source/findings/rules.js';
import type {Process} from '../../source/model/process.js';
import type {Snapshot} from '../../source/model/snapshot.js';
import type {System} from '../../source/model/system.js';
import type {Thread} from '../../source/model/thread.js';
import type {WaitShare} from '../../source/model/wait.js';
import {makeHost, makeProcess, makeSnapshot, makeSystem, makeThread} from '../helpers/snapshot.js';

const start = Date.parse('2026-01-01T12:00:00.000Z');

export type Watching = {
	intervalSeconds?: number;
	seconds?: number;
	cpus?: number;
	/** Seconds into the observation at which the first Snapshot with rates was taken, less one interval. */
	from?: number;
	system?: Partial<System>;
};

/** Snapshots of the same processes, one each interval; the first of an observation has no rates. */
export const snapshotsOf = (
	processes: readonly Process[],
	{intervalSeconds = 1, seconds = 5, cpus = 2, from = 0, system}: Watching = {},
): Snapshot[] => {
	const snapshots: Snapshot[] = [];
	for (let at = from; at <= from + seconds + 0.001; at += intervalSeconds) {
		snapshots.push(
			makeSnapshot({
				takenAt: new Date(start + at * 1000).toISOString(),
				intervalSeconds: at === 0 ? undefined : intervalSeconds,
				observedSeconds: at,
				host: makeHost({cpus, cpusAllowed: cpus}),
				system: makeSystem({contextSwitchesPerSecond: 400_000, ...system}),
				processes: [...processes],
			}),
		);
	}

	return snapshots;
};

/** What the engine says with all its rules after five seconds of these processes, two CPUs. */
export const watch = (processes: readonly Process[], watching?: Watching): Evaluation =>
	createFindingsEngine(rules).evaluate(snapshotsOf(processes, watching));

/** Of a thread that has not run. */
export const stillRates = {
	voluntarySwitchesPerSecond: 0,
	involuntarySwitchesPerSecond: 0,
	cpuPercent: 0,
	runQueueWaitPercent: 0,
};

/** Totals over `count` threads that all do the same. */
export type Crowd = {
	count: number;
	voluntary?: number;
	involuntary?: number;
	/** CPUs used, 1 = one CPU. */
	cores?: number;
	/** Of the time that the threads could run, the share that they waited for a CPU. */
	delayRatio?: number;
	waits?: readonly WaitShare[];
	wait?: Thread['wait'];
	name?: string;
};

/** Threads with their equal shares of the totals, the first with this tid. */
export const crowd = (firstTid: number, of: Crowd): Thread[] => {
	const {count, voluntary = 0, involuntary = 0, cores = 0, delayRatio = 0, waits, name} = of;
	const cpuPercent = (cores * 100) / count;
	return Array.from({length: count}, (_, index) =>
		makeThread({
			tid: firstTid + index,
			name: name ?? 'worker',
			voluntarySwitchesPerSecond: voluntary / count,
			involuntarySwitchesPerSecond: involuntary / count,
			cpuPercent,
			runQueueWaitPercent: (cpuPercent * delayRatio) / (1 - delayRatio),
			...(waits && {waits}),
			...('wait' in of && {wait: of.wait}),
		}),
	);
};

/** A process with a main thread that sleeps and these threads. */
export const processWith = (overrides: Partial<Process>, ...crowds: readonly Crowd[]): Process => {
	const pid = overrides.pid ?? 1000;
	let tid = pid + 1;
	const threads = [makeThread({tid: pid})];
	for (const one of crowds) {
		threads.push(...crowd(tid, one));
		tid += one.count;
	}

	return makeProcess({pid, threads, ...overrides});
};

/** The processes that one process forks, each with the same threads. */
export const forked = (
	count: number,
	of: Partial<Process>,
	...crowds: readonly Crowd[]
): Process[] => [
	makeProcess({pid: 1000, ...of}),
	...Array.from({length: count}, (_, index) =>
		processWith({...of, pid: 2000 + index * 100, parentPid: 1000}, ...crowds),
	),
];

export const running = (percent: number): WaitShare => ({kind: 'running', percent});

/** A futex wait without a time limit. */
export const futex = (percent: number, region = '[heap]'): WaitShare => ({
	kind: 'futex',
	call: 'futex',
	futexOperation: 'WAIT_BITSET',
	futexValue: 0,
	timed: false,
	region,
	percent,
});

export const timedFutex = (
	percent: number,
	timeoutMilliseconds: number,
	region = 'anonymous',
): WaitShare => ({
	...futex(percent, region),
	timed: true,
	timeoutMilliseconds,
});

export const timed = (
	kind: WaitShare['kind'],
	call: string,
	timeoutMilliseconds: number,
	percent = 100,
): WaitShare => ({kind, call, timed: true, timeoutMilliseconds, percent});

export const untimed = (kind: WaitShare['kind'], call: string, percent = 100): WaitShare => ({
	kind,
	call,
	timed: false,
	percent,
});

export const mutex = (percent: number): WaitShare => ({
	kind: 'lock',
	call: 'futex',
	futexOperation: 'WAIT',
	futexValue: 2,
	timed: false,
	region: 'locks',
	percent,
});

export const python3 = {
	name: 'python3',
	commandLine: ['/usr/bin/python3', 'load.py'],
	runtime: {name: 'cpython', version: '3.11', source: 'maps'},
} as const satisfies Partial<Process>;

export const python2 = {
	name: 'python2.7',
	commandLine: ['/usr/bin/python2.7', 'load.py'],
	runtime: {name: 'cpython', version: '2.7', source: 'exe'},
} as const satisfies Partial<Process>;

/** A Python 3 process whose lock was read; all its threads but the main one take part. */
export const withGil = (process: Process, waiters: number): Process => ({
	...process,
	runtime: {
		name: 'cpython',
		version: '3.11',
		source: 'maps',
		gil: {
			waiters,
			waiterTids: process.threads.slice(1).map(thread => thread.tid),
			lockId: 'futex:7f0000000000',
			region: 'libpython3.11.so.1.0',
		},
	},
});
