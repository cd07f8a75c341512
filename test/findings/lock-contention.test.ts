import {describe, expect, test} from 'vitest';
import {createFindingsEngine} from '../../source/findings/engine.js';
import {rules} from '../../source/findings/rules.js';
import type {Finding} from '../../source/model/finding.js';
import type {Process} from '../../source/model/process.js';
import type {System} from '../../source/model/system.js';
import {makeProcess} from '../helpers/snapshot.js';
import {
	type Crowd,
	forked,
	futex,
	mutex,
	processWith,
	running,
	snapshotsOf,
	timed,
	untimed,
	watch,
} from './watched.js';

const told = (processes: readonly Process[], system?: Partial<System>): Finding | undefined =>
	watch(processes, {...(system && {system})}).findings.find(({rule}) => rule === 'lock-contention');

const convoy: Crowd = {
	count: 16,
	voluntary: 60_000,
	cores: 1.3,
	delayRatio: 0.8,
	waits: [mutex(50), running(50)],
};

describe('lock contention', () => {
	test('a lock without a name is called by the line that takes it, and who has it by the line that it is in', () => {
		const word = '0x55000000cd10';
		const process = processWith(
			{
				name: 'python3',
				locks: [
					{
						id: `futex:${word}`,
						kind: 'mutex',
						name: 'taken in transfer (shop/bank.py:5)',
						holderTid: 1001,
						wantedIn: 'transfer (shop/bank.py:5)',
						waiterTids: [1002],
						waitersAverage: 8,
						contendedPercent: 100,
						confidence: 'certain',
					},
				],
			},
			{...convoy, waits: [{...mutex(50), futexAddress: word}, running(50)]},
		);
		const threads = process.threads.map(thread => ({
			...thread,
			runtimeStack: [`transfer (shop/bank.py:${thread.tid === 1001 ? 7 : 5})`],
		}));
		const finding = told([{...process, threads}]);
		expect(finding?.title).toBe(
			'Lock convoy: 16 threads hand mutex taken in transfer (shop/bank.py:5) around, 60,000 switches a second',
		);
		expect(finding?.evidence.map(({what, value}) => `${what}: ${value}`)).toEqual(
			expect.arrayContaining([
				'held at the moment by thread: 1001 (worker), in transfer (shop/bank.py:7)',
				'the lines that take it: 16 threads in transfer (shop/bank.py:5)',
			]),
		);
	});

	test('a convoy is certain, with the lock as it was recognised and who holds it', () => {
		const word = '0x7f0000001000';
		const process = processWith(
			{
				name: 'bank',
				locks: [
					{
						id: `futex:${word}`,
						kind: 'mutex',
						name: 'bank!accounts',
						holderTid: 1001,
						waiterTids: [1002],
						waitersAverage: 8,
						contendedPercent: 100,
						confidence: 'certain',
					},
				],
			},
			{...convoy, waits: [{...mutex(50), futexAddress: word}, running(50)]},
		);
		const finding = told([process]);
		expect(finding).toMatchObject({
			severity: 'critical',
			confidence: 'certain',
			title: 'Lock convoy: 16 threads hand mutex bank!accounts around, 60,000 switches a second',
		});
		expect(finding?.evidence).toContainEqual(
			expect.objectContaining({what: 'held at the moment by thread', value: '1001 (worker)'}),
		);
	});

	test('of two that hand a lock around the one that no look saw asleep counts as well', () => {
		const one: Crowd = {count: 1, voluntary: 30_000, cores: 0.7, waits: [mutex(4), running(96)]};
		const finding = told([
			processWith(
				{},
				one,
				{...one, waits: [running(100)]},
				{count: 1, voluntary: 10, waits: [timed('sleep', 'clock_nanosleep', 100)]},
			),
		]);
		expect(finding).toMatchObject({
			confidence: 'certain',
			tids: [1001, 1002],
			title: expect.stringMatching(/^Lock convoy: 2 threads hand /),
		});
	});

	test('two that wait for a lock for a part of their time are told, also where some seconds’ looks saw less of it', () => {
		const writers = (percent: number) =>
			processWith(
				{systemCpuPercent: 1},
				{count: 2, voluntary: 1000, cores: 1.15, waits: [mutex(percent), running(100 - percent)]},
			);
		const findings = (percents: readonly number[]) =>
			createFindingsEngine(rules).evaluate(
				percents.flatMap(
					(percent, second) => snapshotsOf([writers(percent)], {from: second, seconds: 0})[0]!,
				),
			).findings;
		expect(findings([45, 20, 20, 45, 20, 20, 45, 20])).toMatchObject([{rule: 'lock-contention'}]);
		expect(findings([20, 20, 20, 20, 20, 20, 20, 20])).toEqual([]);
	});

	test('a lock that is free again before anybody sleeps for it is hot: what is seen are calls, not switches', () => {
		const taking: Crowd = {count: 2, voluntary: 570, cores: 1.96, waits: [mutex(9), running(91)]};
		const clock: Crowd = {
			count: 1,
			voluntary: 10,
			waits: [timed('sleep', 'clock_nanosleep', 100)],
		};
		const title = (systemCpuPercent: number) =>
			told([processWith({systemCpuPercent, cpuPercent: 196}, taking, clock)])?.title;
		expect(title(104)).toBe(
			'Hot lock: 2 threads ask the kernel for a lock in locks all the time, 53 % of their CPU',
		);
		expect(title(4)).toBeUndefined();
	});

	test('a lock that is held for long because its holder waits for a CPU, as all others do, is not its threads’ trouble', () => {
		const barrier = (delayRatio: number, percentAtLock = 16) =>
			watch([
				processWith(
					{cpuPercent: 190, cpusAllowed: 2},
					{
						count: 24,
						voluntary: 60,
						involuntary: 240,
						cores: 1.9,
						delayRatio,
						waits: [mutex(percentAtLock), running(100 - percentAtLock)],
					},
				),
			]).findings.map(({rule}) => rule);
		expect(barrier(0.9)).toEqual(['oversubscribed']);
		// All CPUs are theirs: one lock lets no more than one of them through.
		expect(barrier(0.8, 45)).toEqual(['oversubscribed']);
		expect(barrier(0)).toEqual(['lock-contention']);
	});

	test('a holder that computes and one that sleeps are told apart', () => {
		const computing = told([
			processWith({}, {count: 8, voluntary: 1500, cores: 0.9, waits: [mutex(85), running(15)]}),
		]);
		expect(computing?.title).toMatch(/^Lock held for long: 7 of 8 threads/);
		const asleep = told([
			processWith(
				{},
				{
					count: 8,
					voluntary: 1500,
					cores: 0.03,
					waits: [mutex(85), timed('sleep', 'clock_nanosleep', 1, 15)],
				},
			),
		]);
		expect(asleep?.title).toMatch(/^Lock held for long, by a thread that sleeps/);
		expect(asleep?.fixes[0]?.what).toContain('before the call that sleeps');
		// On a machine without a CPU for them, holders that run use as little.
		const word = '0x7f0000001000';
		const starved = processWith(
			{
				locks: [
					{
						id: `futex:${word}`,
						kind: 'mutex',
						name: 'bank!accounts',
						heldWhile: [{what: 'running', percent: 100}],
						waiterTids: [1001],
						waitersAverage: 6,
						contendedPercent: 100,
						confidence: 'certain',
					},
				],
			},
			{
				count: 8,
				voluntary: 300,
				cores: 0.25,
				delayRatio: 0.9,
				waits: [{...mutex(75), futexAddress: word}, running(25)],
			},
		);
		expect(told([starved])?.title).toMatch(/^Lock held for long: /);
	});

	test('a lock that says which thread waits for the next connection is no trouble', () => {
		const word = '0x7f0000001000';
		const heldWhile = (what: string) =>
			told([
				processWith(
					{
						locks: [
							{
								id: `futex:${word}`,
								kind: 'mutex',
								name: 'server!accept_mutex',
								heldWhile: [{what, percent: 100}],
								waiterTids: [1001],
								waitersAverage: 6,
								contendedPercent: 100,
								confidence: 'certain',
							},
						],
					},
					{
						count: 8,
						voluntary: 800,
						cores: 0.1,
						waits: [
							{...mutex(85), futexAddress: word},
							{...untimed('socket', 'accept'), percent: 15},
						],
					},
				),
			]);
		expect(heldWhile('accept')).toBeUndefined();
		expect(heldWhile('recvfrom')).toBeDefined();
	});

	test('the values 2 and 3 are those of rwlocks and of Rust, 0 is that of whoever waits for work', () => {
		const at = (futexValue: number) =>
			told([
				processWith(
					{},
					{...convoy, delayRatio: 0.1, waits: [{...futex(50), futexValue}, running(50)]},
				),
			]);
		expect(at(2)?.confidence).toBe('certain');
		expect(at(3)?.confidence).toBe('certain');
		expect(at(0)).toBeUndefined();
	});

	test('threads that sleep at a lock and never run are not contention', () => {
		expect(told([processWith({}, {count: 8, waits: [mutex(100)]})])).toBeUndefined();
	});

	test('of a process that may not be looked into, user code that is handed around is possible', () => {
		const {waits: _, ...rates} = convoy;
		const hidden = (overrides: Partial<Process>, crowd: Partial<Crowd> = {}) =>
			told([processWith(overrides, {...rates, wait: null, ...crowd})]);
		expect(hidden({systemCpuPercent: 40})).toMatchObject({confidence: 'possible'});
		// A server's threads spend their time in the kernel, and a pool doesn't sleep while it has work.
		expect(hidden({systemCpuPercent: 110})).toBeUndefined();
		expect(hidden({systemCpuPercent: 40}, {delayRatio: 0.1})).toBeUndefined();
	});

	test('two threads whose calls come back at once fight for the lock that they were seen at', () => {
		const brief = (systemCpuPercent: number) =>
			told([
				processWith(
					{systemCpuPercent},
					{count: 2, voluntary: 620, cores: 1.93, waits: [running(92), mutex(8)]},
				),
			]);
		expect(brief(76)).toMatchObject({confidence: 'certain'});
		expect(brief(10)).toBeUndefined();
	});

	test('a semaphore on which the kernel’s time goes is fought for, one at which a pool waits is not', () => {
		const word = '0x55000000cd10';
		const semaphore = (systemCpuPercent: number) =>
			told([
				processWith(
					{
						systemCpuPercent,
						locks: [
							{
								id: `futex:${word}`,
								kind: 'semaphore',
								name: 'fights!slots',
								waiterTids: [1002],
								waitersAverage: 3,
								contendedPercent: 100,
								confidence: 'certain',
							},
						],
					},
					{
						count: 24,
						voluntary: 2800,
						involuntary: 690,
						cores: 1.9,
						delayRatio: 0.9,
						waits: [running(85), {...futex(15), futexAddress: word}],
					},
				),
			]);
		expect(semaphore(90)).toMatchObject({confidence: 'likely'});
		expect(semaphore(20)).toBeUndefined();
	});

	test('a lock of a Python program is told beside the fight for the GIL that it makes', () => {
		const word = '0x55000000cd10';
		const rulesWithLine = (line: string) =>
			watch([
				processWith(
					{
						name: 'python3',
						systemCpuPercent: 106,
						runtime: {
							name: 'cpython',
							version: '3.11',
							source: 'maps',
							gil: {
								waiters: 0.1,
								waiterTids: [1002],
								handOffsPerSecond: 30_000,
								region: 'python3.11',
							},
						},
						locks: [
							{
								id: `futex:${word}`,
								kind: 'semaphore',
								name: `taken in ${line}`,
								wantedIn: line,
								waiterTids: [1002],
								waitersAverage: 5,
								contendedPercent: 100,
								confidence: 'certain',
							},
						],
					},
					{
						count: 8,
						voluntary: 79_000,
						involuntary: 30_000,
						cores: 1.35,
						delayRatio: 0.52,
						waits: [{...futex(56), futexAddress: word}, running(44)],
					},
				),
			])
				.findings.map(({rule}) => rule)
				.sort();
		expect(rulesWithLine('transfer (shop/bank.py:5)')).toEqual(['gil-thrash', 'lock-contention']);
		// Where the workers of a pool wait for jobs nobody wants a lock.
		const pool = '_worker (python3.11/concurrent/futures/thread.py:81)';
		expect(rulesWithLine(pool)).toEqual(['gil-thrash']);
	});

	test('of processes that may not be looked into the kernel’s list names those that wait for a file', () => {
		const waiting = processWith(
			{name: 'job'},
			{count: 8, voluntary: 230, involuntary: 23, cores: 0.004, wait: null},
		);
		const snapshots = snapshotsOf([waiting]).map(snapshot => ({
			...snapshot,
			fileLocks: [
				{
					kind: 'FLOCK',
					access: 'write' as const,
					file: '08:01:77',
					holderPid: 1000,
					waiterPids: Array.from({length: 7}, () => 1000),
					range: '0-EOF',
				},
			],
		}));
		const findingsWith = (receivedPacketsPerSecond: number) =>
			createFindingsEngine(rules).evaluate(
				snapshots.map(snapshot => ({
					...snapshot,
					system: {...snapshot.system, wakeSources: {receivedPacketsPerSecond}},
				})),
			).findings;
		expect(findingsWith(0)).toMatchObject([
			{
				rule: 'lock-contention',
				confidence: 'certain',
				title: '8 threads of job wait for a lock on 08:01:77',
				evidence: [{value: 7, source: '/proc/locks'}, {value: '1000'}],
			},
		]);
		// Then it may say whose turn it is to wait for the next connection.
		expect(findingsWith(300)).toEqual([]);
	});

	test('processes that queue up at a file, with who holds it', () => {
		const waiting = forked(
			3,
			{name: 'job'},
			{
				count: 1,
				waits: [untimed('file-lock', 'flock')],
			},
		);
		expect(told(waiting)).toMatchObject({confidence: 'certain', severity: 'warning'});
		expect(told(waiting)?.title).toContain('3 processes of job wait for a lock on a file');
	});

	test('processes of which one waits for a connection, and the others for their turn, do not', () => {
		const waits = (percent: number) => [
			{...untimed('file-lock', 'flock'), percent},
			{...untimed('socket', 'accept'), percent: 100 - percent},
		];
		const job = {name: 'httpd'};
		expect(told(forked(4, job, {count: 1, waits: waits(75)}))).toBeUndefined();
		// Two at once: that is another lock.
		expect(told(forked(4, job, {count: 1, waits: waits(50)}))).toBeDefined();
		expect(told(forked(4, job, {count: 1, waits: waits(95)}))).toBeDefined();
	});

	test('of several files that they wait for, the one that most of them do', () => {
		const waiting = forked(3, {name: 'job'}, {count: 1, waits: [untimed('file-lock', 'flock')]});
		const pids = waiting.map(({pid}) => pid);
		const lock = (path: string, waiterPids: readonly number[]) => ({
			kind: 'FLOCK',
			access: 'write' as const,
			file: '08:01:77',
			path,
			holderPid: 4711,
			waiterPids,
			range: '0-EOF',
		});
		const fileLocks = [lock('/run/few', pids.slice(0, 1)), lock('/run/most', pids)];
		const snapshots = snapshotsOf(waiting).map(snapshot => ({...snapshot, fileLocks}));
		expect(createFindingsEngine(rules).evaluate(snapshots).findings[0]?.title).toBe(
			'3 processes of job wait for a lock on /run/most',
		);
	});

	test('sessions of PostgreSQL that say in their titles that they wait', () => {
		const session = (pid: number, state: string) =>
			makeProcess({
				pid,
				parentPid: 900,
				name: 'postgres',
				commandLine: [`postgres: app shop [local] ${state}`],
			});
		expect(told([session(1, 'UPDATE waiting'), session(2, 'idle')])?.title).toBe(
			'1 session of PostgreSQL waits for a lock of the database',
		);
		expect(told([session(1, 'UPDATE'), session(2, 'idle')])).toBeUndefined();
	});
});
