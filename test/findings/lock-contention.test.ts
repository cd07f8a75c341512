import {describe, expect, test} from 'vitest';
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
