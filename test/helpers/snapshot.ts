import type {Finding} from '../../source/model/finding.js';
import type {Process} from '../../source/model/process.js';
import type {Snapshot} from '../../source/model/snapshot.js';
import type {Host, System} from '../../source/model/system.js';
import type {Thread} from '../../source/model/thread.js';

/** A sleeping thread with all its rates at zero; give what matters to the test. */
export const makeThread = (overrides: Partial<Thread> = {}): Thread => ({
	tid: 100,
	name: 'worker',
	state: 'S',
	startTimeTicks: 1000,
	voluntarySwitchesPerSecond: 0,
	involuntarySwitchesPerSecond: 0,
	cpuPercent: 0,
	systemCpuPercent: 0,
	runQueueWaitPercent: 0,
	...overrides,
});

type Rate =
	| 'voluntarySwitchesPerSecond'
	| 'involuntarySwitchesPerSecond'
	| 'cpuPercent'
	| 'systemCpuPercent'
	| 'runQueueWaitPercent';

/** Sum of what is known; refused when nothing is known and something was refused, missing when nothing is there. */
const sumOf = (threads: readonly Thread[], rate: Rate): number | null | undefined => {
	const values = threads.map(thread => thread[rate]);
	const known = values.filter(value => typeof value === 'number');
	if (known.length === 0) {
		return values.includes(null) ? null : undefined;
	}

	return known.reduce((sum, value) => sum + value, 0);
};

/**
A process. Without `threads` it has its main thread only; its rates are the sums
over its threads unless they are given.
*/
export const makeProcess = (overrides: Partial<Process> = {}): Process => {
	const pid = overrides.pid ?? 100;
	const name = overrides.name ?? 'service';
	const state = overrides.state ?? 'S';
	const startTimeTicks = overrides.startTimeTicks ?? 1000;
	const threads = overrides.threads ?? [makeThread({tid: pid, name, state, startTimeTicks})];
	return {
		pid,
		parentPid: 1,
		startTime: '2026-01-01T00:00:10.000Z',
		startTimeTicks,
		name,
		commandLine: [`/usr/bin/${name}`],
		user: 'root',
		userId: 0,
		state,
		stateFlags: threads.length > 1 ? 'sl' : 's',
		threadCount: threads.length,
		voluntarySwitchesPerSecond: sumOf(threads, 'voluntarySwitchesPerSecond'),
		involuntarySwitchesPerSecond: sumOf(threads, 'involuntarySwitchesPerSecond'),
		cpuPercent: sumOf(threads, 'cpuPercent'),
		systemCpuPercent: sumOf(threads, 'systemCpuPercent'),
		runQueueWaitPercent: sumOf(threads, 'runQueueWaitPercent'),
		threads,
		...overrides,
	};
};

export const makeHost = (overrides: Partial<Host> = {}): Host => ({
	name: 'web-07',
	bootId: '4b6c0a53-3f0e-4c58-9b0e-0c2f0c8d5a11',
	kernel: '6.18.0',
	architecture: 'x86_64',
	cpus: 4,
	cpusAllowed: 4,
	...overrides,
});

export const makeSystem = (overrides: Partial<System> = {}): System => ({
	uptimeSeconds: 93_784,
	loadAverage: [5.11, 4.2, 3.9],
	runnable: 3,
	blocked: 0,
	threads: 320,
	contextSwitchesPerSecond: 12_400,
	forksPerSecond: 2,
	cpu: {
		userPercent: 40,
		nicePercent: 0,
		systemPercent: 12.5,
		idlePercent: 45,
		iowaitPercent: 1.5,
		irqPercent: 0,
		softirqPercent: 1,
		stealPercent: 0,
	},
	pressure: {
		cpu: {some: {avg10Percent: 18.2, avg60Percent: 12, avg300Percent: 8}},
		io: {some: {avg10Percent: 0.4, avg60Percent: 0.2, avg300Percent: 0}},
		memory: {some: {avg10Percent: 0, avg60Percent: 0, avg300Percent: 0}},
	},
	memory: {
		totalBytes: 16 * 1024 ** 3,
		availableBytes: 9 * 1024 ** 3,
		swapTotalBytes: 0,
		swapFreeBytes: 0,
	},
	...overrides,
});

export const makeFinding = (overrides: Partial<Finding> = {}): Finding => {
	const pid = 'pid' in overrides ? overrides.pid : 100;
	return {
		rule: 'idle-polling',
		severity: 'warning',
		confidence: 'likely',
		pid,
		pids: pid === undefined ? [] : [pid],
		tids: [],
		since: '2026-01-01T12:00:00.000Z',
		title: 'Idle polling: 10 threads wake 100 times a second each and do nothing',
		evidence: [
			{what: 'wake-ups', value: 1000, unit: '/s', source: '/proc/PID/task/*/status'},
			{what: 'CPU used', value: 0.4, unit: '%', source: '/proc/PID/task/*/stat'},
		],
		cost: {switchesPerSecond: 1000, cpuPercent: 0.4},
		fixes: [
			{
				what: 'wait for the event instead of asking for it',
				why: 'each wake-up costs two context switches and finds nothing to do',
				command: 'worker --poll-timeout 1s',
			},
		],
		next: [{what: 'see which call polls', command: 'strace -f -c -p 100', needs: 'root'}],
		...overrides,
	};
};

/** A Snapshot of a machine with one process, `init`, unless others are given. */
export const makeSnapshot = (overrides: Partial<Snapshot> = {}): Snapshot => ({
	schemaVersion: '1.0',
	kind: 'ctop.snapshot',
	tool: {name: 'ctop', version: '0.0.0'},
	host: makeHost(),
	takenAt: '2026-01-01T12:00:41.000Z',
	intervalSeconds: 1.003,
	observedSeconds: 41,
	sampling: {
		level: 'full',
		refused: {},
		gaps: [],
		waitLooks: 20,
		threadsRead: 40,
		sweepMilliseconds: 6.4,
		lateMilliseconds: 0.2,
		ownPid: 4242,
		ownCpuPercent: 1.8,
		ownRssBytes: 92 * 1024 ** 2,
	},
	system: makeSystem(),
	processes: [
		makeProcess({pid: 1, parentPid: 0, name: 'init', commandLine: ['/sbin/init', 'splash']}),
	],
	findings: [],
	notSeen: [],
	...overrides,
});
