import {describe, expect, test} from 'vitest';
import type {Finding} from '../../source/model/finding.js';
import type {Lock} from '../../source/model/lock.js';
import type {Process} from '../../source/model/process.js';
import type {WaitShare} from '../../source/model/wait.js';
import {makeProcess} from '../helpers/snapshot.js';
import {crowd, futex, running, untimed, watch} from './watched.js';

const address = '0x7f0000000000';

const lockOf = (tid: number, overrides: Partial<Lock>): Lock => ({
	id: `futex:${address}`,
	kind: 'mutex',
	variant: 'shared',
	name: 'shop!table',
	sharedId: '00:01:77+0x0',
	waiterTids: [tid],
	waitersAverage: 0.8,
	contendedPercent: 80,
	confidence: 'certain',
	...overrides,
});

const semaphore: Partial<Lock> = {kind: 'semaphore', name: 'shop!free'};
const atWord = (percent: number): WaitShare => ({
	...futex(percent, 'zero'),
	futexAddress: address,
	futexShared: true,
});
const atMutex = (percent: number): WaitShare => ({
	...atWord(percent),
	kind: 'lock',
	futexOperation: 'WAIT',
	futexValue: 2,
});
const atSet = (percent: number): WaitShare => ({
	kind: 'other',
	call: 'semop',
	timed: false,
	target: 'System V semaphores 32768',
	percent,
});

type Rates = {voluntary?: number; cores?: number; delayRatio?: number};

/** Processes of one thread each, children of one parent. */
const workers = (
	count: number,
	waits: readonly WaitShare[],
	lock: Partial<Lock> | undefined,
	{voluntary = 100, cores = 1 / count, delayRatio = 0}: Rates = {},
): Process[] =>
	Array.from({length: count}, (_, index) => {
		const pid = 2000 + index;
		return makeProcess({
			pid,
			parentPid: 1000,
			name: 'shop',
			cpuPercent: cores * 100,
			voluntarySwitchesPerSecond: voluntary,
			threads: crowd(pid, {count: 1, voluntary, cores, delayRatio, waits, name: 'shop'}),
			...(lock && {locks: [lockOf(pid, lock)]}),
		});
	});

const told = (processes: readonly Process[]): Finding | undefined =>
	watch(processes).findings.find(({rule}) => rule === 'lock-contention');

describe('a lock that processes share', () => {
	test('is told of all of them together, with who has it and what that one does', () => {
		const holding = {
			holderTid: 2003,
			holders: [{tid: 2003, pid: 2003, percent: 90}],
			heldWhile: [{what: 'running', percent: 90}],
		};
		const finding = told(workers(4, [atMutex(75), running(25)], holding));
		expect(finding).toMatchObject({
			confidence: 'certain',
			pids: [2000, 2001, 2002, 2003],
			tids: [2000, 2001, 2002, 2003],
			title: 'Lock held for long in 4 shop processes: 3 of 4 threads wait for mutex shop!table',
		});
		expect(finding!.evidence.map(({what, value}) => `${what}: ${value}`)).toEqual(
			expect.arrayContaining([
				'threads waiting for a lock, on average: 3',
				'held at the moment by thread: 2003 (shop)',
				'its holders meanwhile: running, 90 %',
				'switches, all threads: 400',
			]),
		);
	});

	test('is none where it says whose turn it is to wait for a connection', () => {
		const turns = {heldWhile: [{what: 'accept4', percent: 95}]};
		const waits = [atMutex(80), {...untimed('socket', 'accept4'), percent: 20}];
		expect(told(workers(5, waits, turns, {cores: 0.01}))).toBeUndefined();
		expect(told(workers(5, waits, {}, {cores: 0.01}))).toBeDefined();
	});

	test('is none where two processes have each one of their own', () => {
		const [one, other] = workers(2, [atMutex(50), running(50)], {});
		const locks = [lockOf(2001, {sharedId: '00:01:78+0x0'})];
		expect(told([one!, {...other!, locks}])).toBeUndefined();
	});
});

describe('a semaphore that processes share', () => {
	const taken = [atWord(80), running(20)];

	test('is likely a lock where one of them computes at a time, and each gets its turn', () => {
		const finding = told(workers(5, taken, semaphore));
		expect(finding?.evidence[0]).toMatchObject({
			what: 'threads waiting for a semaphore that they share, on average',
			value: 4,
		});
		expect(finding).toMatchObject({
			confidence: 'likely',
			title: 'Lock held for long in 5 shop processes: 4 of 5 threads wait for semaphore shop!free',
		});
	});

	test('is likely one where who has it sleeps of itself', () => {
		const waits = [atWord(80), {...untimed('sleep', 'clock_nanosleep'), percent: 20}];
		const finding = told(workers(5, waits, semaphore, {cores: 0.005}));
		expect(finding?.title).toContain('by a thread that sleeps in 5 shop processes');
	});

	test('is likely one where it is handed around, and more want to run than there are CPUs', () => {
		const waits = [atWord(30), running(70)];
		const rates = {voluntary: 4000, cores: 0.3, delayRatio: 0.6};
		expect(told(workers(6, waits, semaphore, rates))?.title).toBe(
			'Lock convoy in 6 shop processes: 6 threads hand semaphore shop!free around, 24,000 switches a second',
		);
	});

	test.each<[string, Process[]]>([
		[
			'one of them reads the next job from a pipe',
			workers(5, [atWord(80), {...untimed('pipe', 'read'), percent: 20}], semaphore, {cores: 0.05}),
		],
		['several are at work at once', workers(6, [atWord(60), running(40)], semaphore)],
		['they rest', workers(6, [atWord(100)], semaphore, {cores: 0, voluntary: 0})],
		['hardly anything is done', workers(5, taken, semaphore, {cores: 0.02})],
	])('may be the queue of a pool where %s', (_, processes) => {
		expect(told(processes)).toBeUndefined();
	});

	test('may be the queue of a pool where their parent is at work itself, or a sibling that never waits', () => {
		const master = (of: Partial<Process>) => makeProcess({pid: 1000, name: 'shop', ...of});
		const fed = (one: Process) => told([...workers(5, taken, semaphore), one]);
		expect(fed(master({}))).toBeDefined();
		expect(fed(master({cpuPercent: 12}))).toBeUndefined();
		expect(fed(master({voluntarySwitchesPerSecond: 300}))).toBeUndefined();
		expect(
			fed(makeProcess({pid: 3000, parentPid: 1000, name: 'shop', cpuPercent: 40})),
		).toBeUndefined();
	});

	test('of System V that is handed around is a convoy, and no pairs that exchange messages', () => {
		const rates = {voluntary: 16_000, cores: 0.13, delayRatio: 0.4};
		const crowd = workers(6, [atSet(70), running(30)], undefined, rates).map(process => ({
			...process,
			systemCpuPercent: 12,
		}));
		expect(watch(crowd).findings.map(({rule, title}) => `${rule}: ${title}`)).toEqual([
			'lock-contention: Lock convoy in 6 shop processes: 6 threads hand System V semaphores 32768 around, 96,000 switches a second',
		]);
		// Of another user's six nobody could tell which are the pairs.
		const refused = crowd.map(process => ({
			...process,
			threads: process.threads.map(thread => ({...thread, waits: undefined as never, wait: null})),
		}));
		expect(watch(refused).findings.filter(({rule}) => rule === 'ping-pong')).toEqual([]);
		expect(watch(refused.slice(0, 2)).findings.map(({rule}) => rule)).toEqual(['ping-pong']);
	});

	test('of System V is known by its set', () => {
		expect(told(workers(4, [atSet(75), running(25)], undefined))?.title).toBe(
			'Lock held for long in 4 shop processes: 3 of 4 threads wait for System V semaphores 32768',
		);
	});
});
