import {describe, expect, test} from 'vitest';
import {pythonLockUse} from '../../source/findings/python-lock-fight.js';
import {isAtRubyMutex} from '../../source/findings/ruby-mutex-fight.js';
import type {Finding} from '../../source/model/finding.js';
import type {Lock} from '../../source/model/lock.js';
import type {Process} from '../../source/model/process.js';
import {futex, processWith, python3, running, untimed, watch} from './watched.js';

/*
Locks of language runtimes that wait as idle pools do. The numbers are those of measured programs.
*/

const told = (process: Process): Finding | undefined =>
	watch([process]).findings.find(({rule}) => rule === 'lock-contention');

describe('a Lock of Python under which threads compute in C', () => {
	const word = '0x55000000cd10';
	const lock: Lock = {
		id: `futex:${word}`,
		kind: 'semaphore',
		name: 'taken in archive (shop/archive.py:5)',
		waiterTids: [1002],
		waitersAverage: 4,
		contendedPercent: 100,
		confidence: 'certain',
	};
	const atLock = [
		'__new_sem_wait_slow64.constprop.0+0x90',
		'PyThread_acquire_lock_timed+0x16f',
		'python3.11+0x5899af',
		'_PyEval_EvalFrameDefault+0x8f0',
	];
	const atQueue = atLock.with(2, '_queue.cpython-311-x86_64-linux-gnu.so+0x2bf5');

	const archiving = (
		there: number,
		overrides: Partial<Process> = {},
		stack: readonly string[] | undefined = atLock,
	): Process => {
		const process = processWith(
			{...python3, locks: [lock], ...overrides},
			{
				count: 6,
				voluntary: 3600,
				involuntary: 50,
				cores: 1,
				delayRatio: 0.3,
				waits: [{...futex(there), futexAddress: word}, running(100 - there)],
			},
		);
		return {
			...process,
			threads: process.threads.map(thread => (thread.tid === 1002 ? {...thread, stack} : thread)),
		};
	};

	test('is told by the stacks of those that wait for it, and not taken for the queue of a pool', () => {
		expect(pythonLockUse(atLock)).toBe('program');
		expect(pythonLockUse(atLock.with(2, 'lock_PyThread_acquire_lock+0xf7'))).toBe('program');
		expect(pythonLockUse(atQueue)).toBe('queue');
		expect(pythonLockUse(atLock.with(2, '_queue_SimpleQueue_get_impl+0xeb'))).toBe('queue');
		expect(
			pythonLockUse(['clock_nanosleep+0x65', '_PyEval_EvalFrameDefault+0x8f0']),
		).toBeUndefined();
		expect(told(archiving(72, {}, atQueue))).toBeUndefined();
		expect(told(archiving(72, {}, []))).toBeUndefined();
	});

	test('is not what workers of a pool wait for whose lines are at the queue, whatever a stack of theirs says', () => {
		const process = archiving(72);
		const inLine = (line: string): Process => ({
			...process,
			threads: process.threads.map(thread => ({...thread, runtimeStack: [line]})),
		});
		expect(told(inLine('archive (shop/archive.py:5)'))).toBeDefined();
		expect(told(inLine('_worker (python3.11/concurrent/futures/thread.py:81)'))).toBeUndefined();
	});

	test('is fought for, though its semaphore looks as that of an idle pool does', () => {
		const finding = told(archiving(72));
		expect(finding?.title).toContain(
			'Lock held for long: 4 of 6 threads wait for semaphore taken in',
		);
		expect(finding?.confidence).toBe('likely');
	});

	test('is none where nobody waits, and in another program a semaphore at which threads take turns', () => {
		expect(told(archiving(10))).toBeUndefined();
		const other = told(archiving(72, {runtime: undefined, name: 'pool'}));
		expect(other?.evidence[0]?.what).toContain('semaphore');
	});
});

describe('a Mutex of Ruby', () => {
	const atMutex = [
		'pthread_cond_wait+0x1e8',
		'rb_native_cond_wait+0x9',
		'libruby-3.1.so.3.1.2+0x21449f',
		'rb_mutex_synchronize+0x12',
		'rb_vm_exec+0xb3',
	];
	const atQueue = ['pthread_cond_wait+0x1e8', 'rb_thread_sleep_deadly+0x9', 'rb_vm_exec+0xb3'];
	const asleepInside = ['ppoll+0xa6', 'rb_vm_exec+0xb3', 'rb_mutex_synchronize+0x12'];

	test('is told by the stacks of those that wait for it, not by where they came from', () => {
		expect(isAtRubyMutex(atMutex)).toBe(true);
		expect(isAtRubyMutex(['rb_native_cond_wait+0x9', 'rb_mutex_lock+0x40'])).toBe(true);
		expect(isAtRubyMutex(atQueue)).toBe(false);
		expect(isAtRubyMutex(asleepInside)).toBe(false);
	});

	const shop = (stack: readonly string[], name = 'ruby'): Process => {
		const process = processWith(
			{name, runtime: {name: 'ruby', version: '3.1', source: 'maps'}},
			{
				count: 8,
				voluntary: 700,
				cores: 0.02,
				waits: [futex(87, '[heap]'), untimed('poll', 'ppoll', 13)],
			},
		);
		return {
			...process,
			threads: process.threads.map((thread, index) =>
				index >= 1 && index <= 4 ? {...thread, stack} : thread,
			),
		};
	};

	test('that is held over sleeps is fought for; a queue that workers wait at is not', () => {
		const finding = told(shop(atMutex));
		expect(finding?.title).toBe(
			"Lock held for long, by a thread that sleeps: 3 of 4 threads wait for one of Ruby's Mutexes",
		);
		expect(finding?.evidence[0]?.what).toContain("runtime's function for taking a lock");
		expect(told(shop(atQueue))).toBeUndefined();
	});
});
