import {describe, expect, test} from 'vitest';
import {createFindingsEngine} from '../../source/findings/engine.js';
import {rules} from '../../source/findings/rules.js';
import type {Process, ThreadPool} from '../../source/model/process.js';
import type {System} from '../../source/model/system.js';
import type {WaitShare} from '../../source/model/wait.js';
import {makeProcess, makeThread} from '../helpers/snapshot.js';
import {
	type Crowd,
	forked,
	futex,
	mutex,
	processWith,
	python3,
	running,
	snapshotsOf,
	timed,
	untimed,
	watch,
} from './watched.js';

const rulesOf = (processes: readonly Process[], system?: Partial<System>) =>
	watch(processes, {...(system && {system})}).findings.map(({rule}) => rule);

const children = (count: number): Process[] => [
	makeProcess({pid: 1000, name: 'server'}),
	...Array.from({length: count}, (_, index) =>
		makeProcess({pid: 2000 + index, parentPid: 1000, name: 'sh', state: 'Z', commandLine: []}),
	),
];

test('ten zombies of one parent are told, nine are not', () => {
	expect(rulesOf(children(9))).toEqual([]);
	const [finding] = watch(children(60)).findings;
	expect(finding).toMatchObject({
		rule: 'zombies',
		severity: 'warning',
		confidence: 'certain',
		pid: 1000,
		title: '60 zombies: server does not reap its children',
	});
});

describe('a fork storm', () => {
	const shell = processWith(
		{name: 'sh'},
		{count: 1, voluntary: 1300, cores: 0.04, waits: [untimed('child', 'wait4', 80), running(20)]},
	);

	test('is the doing of who waits for the children', () => {
		const busy = processWith(
			{pid: 3000, name: 'nginx'},
			{count: 1, voluntary: 30_000, cores: 0.5, waits: [running(100)]},
		);
		expect(watch([shell, busy], {system: {forksPerSecond: 1200}}).findings).toMatchObject([
			{rule: 'fork-storm', pid: 1000, confidence: 'likely'},
		]);
	});

	test('is the doing of who is charged with what the children used, where nothing else may be read', () => {
		const parent = (endedChildrenCpuPercent: number) =>
			processWith(
				{name: 'python3', endedChildrenCpuPercent},
				{count: 1, voluntary: 940, cores: 0.075, wait: null},
			);
		expect(watch([parent(30)], {system: {forksPerSecond: 470}}).findings).toMatchObject([
			{rule: 'fork-storm', pid: 1000, confidence: 'likely'},
		]);
		expect(rulesOf([parent(0)], {forksPerSecond: 470})).toEqual([]);
	});

	test('is what wakes who starts them: its threads that wait with a time limit do not poll', () => {
		const ofGo = processWith(
			{name: 'agent', runtime: {name: 'go', source: 'exe'}, endedChildrenCpuPercent: 30},
			{
				count: 7,
				voluntary: 3500,
				cores: 0.1,
				waits: [timed('epoll', 'epoll_pwait', 1, 45), untimed('child', 'waitid', 10), running(45)],
			},
		);
		expect(rulesOf([ofGo], {forksPerSecond: 450})).toEqual(['fork-storm']);
		expect(rulesOf([ofGo], {forksPerSecond: 0})).toEqual(['idle-polling']);
	});

	test('is none at the pace of a build, and nobody is blamed who starts nothing', () => {
		expect(rulesOf([shell], {forksPerSecond: 120})).toEqual([]);
		expect(
			rulesOf([processWith({}, {count: 1, voluntary: 30_000, cores: 0.5})], {forksPerSecond: 1200}),
		).toEqual([]);
	});
});

test('a writer that is put aside by each reader it wakes does not spin', () => {
	const writer = processWith(
		{pid: 3000, name: 'pipeline'},
		{count: 1, voluntary: 200, involuntary: 9000, cores: 0.3, waits: [running(100)]},
	);
	const reader = (voluntary: number) =>
		processWith(
			{pid: 1000, name: 'pipeline'},
			{count: 1, voluntary, cores: 0.8, waits: [untimed('pipe', 'read', 20), running(80)]},
		);
	const system = {contextSwitchesPerSecond: 20_000};
	expect(rulesOf([writer, reader(9400)], system)).not.toContain('spin');
	expect(rulesOf([writer, reader(100)], {contextSwitchesPerSecond: 9500})).toContain('spin');
});

describe('a quota', () => {
	const throttled = (throttledPeriodsPercent: number) =>
		processWith(
			{
				cpuQuotaPercent: 150,
				throttling: {
					cgroup: '/pod',
					quotaPercent: 150,
					throttledPeriodsPercent,
					throttledPercent: 80,
				},
			},
			{count: 4, involuntary: 900, cores: 1.4, delayRatio: 0.5, waits: [running(100)]},
		);

	test('that runs out is told with a larger one to paste, and explains who waits for CPUs', () => {
		const {findings} = watch([throttled(60)]);
		expect(findings).toMatchObject([
			{rule: 'throttled', severity: 'warning', confidence: 'certain'},
		]);
		expect(findings[0]?.fixes[0]?.command).toMatch(/CPUQuota=\d+%/);
	});

	test('that runs out now and then fits', () => {
		expect(rulesOf([throttled(5)])).not.toContain('throttled');
	});
});

describe('an event loop', () => {
	const loop = (
		overrides: Partial<Process>,
		cpuPercent: number,
		voluntarySwitchesPerSecond: number,
	) =>
		makeProcess({
			pid: 1000,
			threads: [
				makeThread({
					tid: 1000,
					state: 'R',
					cpuPercent,
					voluntarySwitchesPerSecond,
					involuntarySwitchesPerSecond: 20,
				}),
			],
			...overrides,
		});
	const node = {name: 'node', runtime: {name: 'node', source: 'exe'}} as const;

	test('of Node or asyncio that computes all the time is told', () => {
		expect(rulesOf([loop(node, 99, 3)])).toEqual(['event-loop-busy']);
		const asyncio = {...python3, runtime: {...python3.runtime, eventLoop: 'epoll'}};
		expect(rulesOf([loop(asyncio, 99, 3)])).toEqual(['event-loop-busy']);
		// Its collector's helpers let it sleep for some microseconds each.
		expect(rulesOf([loop(node, 99.5, 90)])).toEqual(['event-loop-busy']);
		expect(rulesOf([loop(node, 95, 90)])).toEqual([]);
		expect(rulesOf([loop(node, 99.5, 900)])).toEqual([]);
		// Where others take the CPU that it wants, it may be well with one of its own.
		const [thread] = loop(node, 30, 3).threads;
		const starved = {...loop(node, 30, 3), threads: [{...thread!, runQueueWaitPercent: 69}]};
		expect(rulesOf([starved])).toEqual([]);
	});

	test('of Node tells what else the process has for work that takes long', () => {
		const busy = loop(node, 99, 3);
		const {findings} = watch([
			{
				...busy,
				runtime: {
					...node.runtime,
					threadPool: {threadCount: 4, busyThreads: 0, lookupThreads: 0, queuedPercent: 0},
				},
				threads: [
					{...busy.threads[0]!, role: 'event loop'},
					makeThread({tid: 1011, role: 'worker thread, with its own event loop'}),
				],
			},
		]);
		expect(findings[0]?.evidence.map(({what, value, unit}) => `${what}: ${value} ${unit}`)).toEqual(
			expect.arrayContaining([
				"threads of libuv's pool that have a job meanwhile: 0 of 4",
				'worker threads that compute meanwhile: 0 of 1',
			]),
		);
	});

	test('that finds time to wait is well, and so is a Python program without one', () => {
		expect(rulesOf([loop(node, 99, 400)])).toEqual([]);
		expect(rulesOf([loop(node, 60, 3)])).toEqual([]);
		expect(rulesOf([loop(python3, 99, 3)])).toEqual([]);
	});
});

describe("libuv's pool", () => {
	const worker = (tid: number, name: string, cpuPercent: number) =>
		makeThread({
			tid,
			name,
			cpuPercent,
			runQueueWaitPercent: cpuPercent,
			involuntarySwitchesPerSecond: 200,
		});
	const node = (busy: number) =>
		makeProcess({
			pid: 1000,
			name: 'node',
			runtime: {name: 'node', source: 'exe'},
			threads: [
				makeThread({tid: 1000, voluntarySwitchesPerSecond: 300, cpuPercent: 5}),
				...[1, 2, 3, 4].map(each => worker(1000 + each, 'V8Worker', 0)),
				...[5, 6, 7, 8].map(each => worker(1000 + each, 'libuv-worker', each - 4 <= busy ? 45 : 0)),
			],
		});

	test('is told when none of its threads is at rest', () => {
		expect(rulesOf([node(4)])).toEqual(['pool-saturated']);
		expect(rulesOf([node(3)])).toEqual([]);
	});

	const threadPool: ThreadPool = {
		threadCount: 4,
		busyThreads: 3.9,
		lookupThreads: 0,
		queuedPercent: 98,
		queuedJobs: 28,
		queuedLookups: 0,
	};
	const counted = (busy: number, overrides: Partial<ThreadPool> = {}) => ({
		...node(busy),
		runtime: {name: 'node', source: 'exe', threadPool: {...threadPool, ...overrides}},
	});

	test('is certain where libuv counts its jobs, and tells how many wait', () => {
		// Its threads are told by what the runtime has them for, whatever their names.
		const unnamed = counted(0);
		const threads = unnamed.threads.map(thread =>
			thread.name === 'libuv-worker'
				? {...thread, name: 'node', role: 'libuv pool: files, DNS, crypto, zlib'}
				: {...thread, name: 'node'},
		);
		const {findings} = watch([{...unnamed, threads}]);
		expect(findings).toMatchObject([
			{
				rule: 'pool-saturated',
				confidence: 'certain',
				tids: [1005, 1006, 1007, 1008],
				title: expect.stringContaining('28 jobs queued'),
			},
		]);
		expect(findings[0]?.evidence).toContainEqual({
			what: 'jobs that wait for a thread',
			value: 28,
			unit: 'jobs',
			source: '/proc/1000/mem',
		});
	});

	test('is the cause where its threads and the loop meet at the lock of its queue, not where they do at another one', () => {
		const word = '0x7f0000001000';
		const atLock = {...mutex(30), futexAddress: word};
		const fighting = (name: string) => {
			const process = counted(4);
			return {
				...process,
				threads: process.threads.map(thread =>
					thread.name === 'V8Worker' ? thread : {...thread, waits: [atLock, running(70)]},
				),
				locks: [
					{
						id: `futex:${word}`,
						kind: 'mutex' as const,
						name,
						holderTid: 1005,
						waiterTids: [1006],
						waitersAverage: 1.5,
						contendedPercent: 90,
						confidence: 'certain' as const,
					},
				],
			};
		};
		expect(rulesOf([fighting('node!default_loop_struct+0x88')])).toEqual(['pool-saturated']);
		expect(rulesOf([fighting('addon.node!cache')])).toContain('lock-contention');
	});

	test('is well where it counts no job that waits, however busy the threads are', () => {
		for (const pool of [
			{queuedPercent: 20, queuedJobs: 2},
			{busyThreads: 2.9},
			{threadCount: 0, busyThreads: 0, queuedPercent: 0, queuedJobs: 0},
		]) {
			expect(rulesOf([counted(4, pool)])).not.toContain('pool-saturated');
		}
	});

	test('with as many name lookups as it allows, and more of them waiting, is told as that', () => {
		const {findings} = watch([
			counted(0, {busyThreads: 2, lookupThreads: 2, queuedJobs: 12, queuedLookups: 12}),
		]);
		expect(findings).toMatchObject([
			{
				rule: 'pool-saturated',
				confidence: 'certain',
				title: expect.stringMatching(/^Name lookups .*: 12 lookups wait until one of 2 threads/),
			},
		]);
		expect(findings[0]?.fixes[0]?.what).toContain('dns.resolve4');
	});
});

describe('memory', () => {
	const pressure = (stallPercent: number): System['pressure'] => ({
		memory: {some: {avg10Percent: 0, avg60Percent: 0, avg300Percent: 0, stallPercent}},
	});
	const paging = {
		majorFaultsPerSecond: 900,
		swapInPagesPerSecond: 300,
		swapOutPagesPerSecond: 500,
		directReclaimPagesPerSecond: 0,
	};

	test('that threads wait for while pages move is told, for the machine', () => {
		expect(
			watch([makeProcess()], {system: {pressure: pressure(45), paging}}).findings,
		).toMatchObject([{rule: 'memory-stall', severity: 'critical', pids: []}]);
	});

	test('is short behind a cgroup’s limit where a hundred pages a second are read back and the kernel says so', () => {
		const slowly = {
			...paging,
			majorFaultsPerSecond: 150,
			swapInPagesPerSecond: 0,
			swapOutPagesPerSecond: 0,
		};
		expect(rulesOf([makeProcess()], {pressure: pressure(16), paging: slowly})).toEqual([
			'memory-stall',
		]);
	});

	test('is short where thousands of pages a second are read back, though a fast disk hardly keeps anybody waiting', () => {
		const thrashing = (majorFaultsPerSecond: number) =>
			rulesOf([makeProcess()], {
				pressure: pressure(7),
				paging: {
					...paging,
					swapInPagesPerSecond: 0,
					swapOutPagesPerSecond: 0,
					majorFaultsPerSecond,
				},
			});
		expect(thrashing(20_000)).toEqual(['memory-stall']);
		expect(thrashing(150)).toEqual([]);
		// Behind a cgroup's limit, where one thread reads back what it needs.
		const behindLimit = (majorFaultsPerSecond: number) =>
			rulesOf([makeProcess()], {
				pressure: pressure(2.6),
				paging: {...paging, majorFaultsPerSecond},
			});
		expect(behindLimit(20_000)).toEqual(['memory-stall']);
		expect(behindLimit(5000)).toEqual([]);
	});

	test('is no trouble where nothing moves or nobody waits', () => {
		expect(rulesOf([makeProcess()], {pressure: pressure(2), paging})).toEqual([]);
		expect(rulesOf([makeProcess()], {pressure: pressure(45)})).toEqual([]);
	});
});

describe('two that wake each other', () => {
	const player = {
		count: 1,
		voluntary: 30_000,
		cores: 0.2,
		waits: [untimed('pipe', 'read', 60), running(40)],
	};

	test('are told when they are of one family, not when they are strangers', () => {
		expect(rulesOf(forked(2, {}, player))).toEqual(['ping-pong']);
		expect(
			rulesOf([
				processWith({pid: 1000, parentPid: 1}, player),
				processWith({pid: 5000, parentPid: 1, name: 'client'}, player),
			]),
		).toEqual([]);
	});

	test('are not told where neither was ever seen asleep, as of another user’s that ran at each look', () => {
		expect(rulesOf(forked(2, {}, {...player, waits: [running(100)]}))).toEqual([]);
	});

	test('of one process that wait for messages are told when one of them sleeps less often', () => {
		const one = (voluntary: number, call: string) => ({
			count: 1,
			voluntary,
			cores: 0.5,
			waits: [untimed('socket', call, 40), running(60)],
		});
		expect(rulesOf([processWith({}, one(52_000, 'read'), one(33_000, 'read'))])).toEqual([
			'ping-pong',
		]);
		expect(rulesOf([processWith({}, one(52_000, 'read'), one(9000, 'read'))])).toEqual([]);
	});

	test('are one finding of a program of Go, in which another two carry the messages each second', () => {
		const go = {runtime: {name: 'go', source: 'exe'}} as const;
		const pair = (voluntary: number): Crowd => ({
			count: 2,
			voluntary: voluntary * 2,
			cores: 0.3,
			waits: [futex(55), running(45)],
		});
		const {findings} = watch([processWith(go, pair(20_000), pair(12_000))]);
		expect(findings).toMatchObject([{rule: 'ping-pong', tids: [1001, 1002]}]);
		const seconds = [0, 1, 2, 3, 4, 5].map(second => {
			const pairs = second % 2 === 0 ? [pair(20_000), pair(9)] : [pair(9), pair(20_000)];
			return snapshotsOf([processWith(go, ...pairs)], {from: second, seconds: 0})[0]!;
		});
		const engine = createFindingsEngine(rules);
		const seen = seconds.map((_, index) => engine.evaluate(seconds.slice(0, index + 1)).findings);
		expect(seen.at(-1)).toMatchObject([{rule: 'ping-pong'}]);
		// Those that read lines from a pipe, whichever of them is free, may wake equally often by chance.
		const readers = seconds.map(snapshot => ({
			...snapshot,
			processes: snapshot.processes.map(process => ({
				...process,
				threads: process.threads.map(thread => ({
					...thread,
					waits: thread.waits && [...thread.waits, untimed('pipe', 'read', 20)],
				})),
			})),
		}));
		expect(createFindingsEngine(rules).evaluate(readers).findings).toEqual([]);
	});

	test('of a process that may not be looked into only two that are alone are told', () => {
		const hidden = (count: number, systemCpuPercent = count * 15) => {
			const {waits: _, ...rates} = player;
			return processWith(
				{systemCpuPercent},
				{...rates, count, voluntary: count * 30_000, cores: count * 0.2, wait: null},
			);
		};

		expect(watch([hidden(2)]).findings).toMatchObject([
			{rule: 'ping-pong', severity: 'notice', confidence: 'possible'},
		]);
		expect(rulesOf([hidden(8)])).not.toContain('ping-pong');
		// Messages are the kernel's work.
		expect(rulesOf([hidden(2, 10)])).not.toContain('ping-pong');
	});

	test('of whom each message is work for an interpreter are told where one works at a time, not where both do, nor where all is copying', () => {
		const told = (cores: number, systemCpuPercent: number, voluntary = 16_000) =>
			rulesOf(
				forked(
					2,
					{systemCpuPercent},
					{count: 1, voluntary, cores, waits: [untimed('socket', 'read', 50), running(50)]},
				),
			);
		expect(told(0.48, 27)).toEqual(['ping-pong']);
		expect(told(0.7, 40, 23_000)).toEqual([]);
		expect(told(0.48, 47)).toEqual([]);
		expect(told(0.48, 27, 9000)).toEqual([]);
	});

	test('an event loop and its client are no pair', () => {
		const loop = {...player, waits: [untimed('epoll', 'epoll_wait', 60), running(40)]};
		expect(rulesOf(forked(2, {}, loop))).toEqual([]);
	});
});

test('threads of a herd that no look saw at its condition variable do not fight for the lock of it', () => {
	const mutex: WaitShare = {...futex(20), kind: 'lock', futexOperation: 'WAIT', futexValue: 2};
	const member = {count: 1, voluntary: 1260, involuntary: 75, cores: 0.0052, delayRatio: 0.94};
	const herd = (count: number, ...waits: readonly WaitShare[]) => ({
		count,
		voluntary: member.voluntary * count,
		involuntary: member.involuntary * count,
		cores: member.cores * count,
		delayRatio: member.delayRatio,
		waits,
	});
	expect(
		rulesOf([
			processWith(
				{systemCpuPercent: 30},
				herd(56, futex(75), running(14), mutex),
				herd(8, {...mutex, percent: 80}, running(20)),
			),
		]),
	).toEqual(['thundering-herd']);
	// Those that find work compute: as one they wake all the same.
	const atOne = [futex(80), running(20)];
	expect(rulesOf([processWith({systemCpuPercent: 5}, herd(64, ...atOne))])).toEqual([
		'thundering-herd',
	]);
	const unlike = {...herd(32, ...atOne), voluntary: member.voluntary * 24};
	expect(rulesOf([processWith({systemCpuPercent: 5}, herd(32, ...atOne), unlike)])).not.toContain(
		'thundering-herd',
	);
});

describe('workers at one socket', () => {
	const worker = {
		count: 1,
		voluntary: 9000,
		cores: 0.03,
		delayRatio: 0.9,
		waits: [untimed('epoll', 'epoll_wait', 77), running(23)],
	};
	const workers = forked(32, {name: 'server', systemCpuPercent: 2.8}, worker);

	test('are a herd when they wake many times for each connection', () => {
		expect(rulesOf(workers, {tcpAcceptsPerSecond: 9000})).toEqual(['thundering-herd']);
	});

	test('are a herd when each connection wakes each of them once, even where that costs a runtime more', () => {
		const inPython = forked(
			32,
			{name: 'gunicorn', systemCpuPercent: 0.4},
			{...worker, voluntary: 150, cores: 0.003},
		);
		expect(rulesOf(inPython, {tcpAcceptsPerSecond: 150})).toEqual(['thundering-herd']);
		// As often as that they may also be woken for connections that stay open.
		expect(rulesOf(inPython, {tcpAcceptsPerSecond: 60})).toEqual([]);
	});

	/** As 12 workers of Node's cluster were measured that share a listening socket, on a busy machine. */
	const ofNode = {
		count: 1,
		voluntary: 290,
		cores: 0.017,
		delayRatio: 0.85,
		waits: [{...untimed('epoll', 'epoll_pwait', 95), wokenTogether: 12}, running(5)],
	};

	test('are a herd when they were seen to watch one socket together, whatever a wake costs them', () => {
		const told = (crowd: typeof ofNode, tcpAcceptsPerSecond = 430) =>
			rulesOf(forked(12, {name: 'node'}, crowd), {tcpAcceptsPerSecond});
		const {wokenTogether: _, ...alone} = ofNode.waits[0]!;
		expect(told(ofNode)).toEqual(['thundering-herd']);
		expect(told({...ofNode, waits: [alone, running(5)]} as typeof ofNode)).toEqual([]);
		expect(told({...ofNode, cores: 0.03})).toEqual([]);
		// Most of the wakes are for something else.
		expect(told(ofNode, 140)).toEqual([]);
	});

	test("are another user's herd when clients on this machine can't have woken them so often", () => {
		const hidden = {...ofNode, voluntary: 340, waits: [], wait: null};
		const told = (system: Partial<System>) =>
			rulesOf(forked(12, {name: 'node'}, hidden), {
				tcpAcceptsPerSecond: 430,
				tcpConnectsPerSecond: 430,
				...system,
			});
		const packets = (receivedPacketsPerSecond: number) => ({
			wakeSources: {timerInterruptsPerSecond: 1000, receivedPacketsPerSecond},
		});
		expect(told(packets(4300))).toEqual(['thundering-herd']);
		expect(told({...packets(4300), tcpConnectsPerSecond: 10})).toEqual([]);
		expect(told(packets(5300))).toEqual([]);
	});

	test('are a pool when they wake about once for each, or when nothing tells what for', () => {
		expect(rulesOf(workers, {tcpAcceptsPerSecond: 150_000})).toEqual([]);
		expect(rulesOf(workers)).toEqual([]);
		expect(rulesOf(workers, {tcpAcceptsPerSecond: 3})).toEqual([]);
	});
});
