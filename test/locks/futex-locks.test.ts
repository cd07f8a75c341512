import {expect, test} from 'vitest';
import {
	describeLock,
	type FutexUse,
	type FutexWaiter,
	futexLockId,
	isWorthNaming,
	wordWaits,
} from '../../source/locks/futex-locks.js';

const waiter = (
	tid: number,
	percent: number,
	overrides: Partial<FutexWaiter['wait']> = {},
): FutexWaiter => ({
	tid,
	percent,
	wait: {kind: 'futex', call: 'futex', ...overrides},
});

const use = (address: number, contendedPercent: number, ...waiters: FutexWaiter[]): FutexUse => ({
	address,
	contendedPercent,
	waiters,
});

test('a lock has the waiters of its word, and how many there were on average', () => {
	const lock = describeLock(use(0x2000, 90, waiter(3, 90), waiter(4, 80), waiter(5, 70)), {
		kind: 'mutex',
		name: 'bank!accounts',
		holderTid: 9,
		confidence: 'certain',
	});
	expect(lock).toMatchObject({
		id: futexLockId(0x2000),
		kind: 'mutex',
		name: 'bank!accounts',
		holderTid: 9,
		waiterTids: [3, 4, 5],
		contendedPercent: 90,
	});
	expect(lock.id).toBe('futex:0x2000');
	expect(lock.waitersAverage).toBeCloseTo(2.4);
});

test('a single thread at an unknown word, or at a condition, is waiting for work, not for a lock', () => {
	const single = use(0x1000, 100, waiter(1, 100));
	expect(isWorthNaming(single, 'futex')).toBe(false);
	expect(isWorthNaming(single, 'condition')).toBe(false);
	expect(isWorthNaming(single, 'semaphore')).toBe(false);
});

test('a single thread counts where another one has what it waits for', () => {
	const single = use(0x1000, 10, waiter(1, 10));
	for (const kind of ['mutex', 'rwlock', 'stdio', 'arena', 'loader', 'once', 'lock']) {
		expect(isWorthNaming(single, kind)).toBe(true);
	}
});

test('several threads at one word are always named', () => {
	expect(isWorthNaming(use(0x1000, 40, waiter(1, 30), waiter(2, 20)), 'futex')).toBe(true);
});

test('threads that wait in the same way are one way, those on the neighbouring word another', () => {
	const ways = wordWaits(
		use(
			0x1028,
			50,
			waiter(1, 50, {futexAddress: '0x1028', futexOperation: 'WAIT_BITSET', futexValue: 0}),
			waiter(2, 50, {futexAddress: '0x1028', futexOperation: 'WAIT_BITSET', futexValue: 0}),
			waiter(3, 50, {
				futexAddress: '0x102c',
				futexOperation: 'WAIT_BITSET',
				futexValue: 0,
				futexShared: true,
				futexRealtime: true,
				timed: true,
			}),
		),
	);
	expect(ways).toEqual([
		{
			address: 0x1028,
			operation: 'WAIT_BITSET',
			value: 0,
			timed: false,
			isPrivate: true,
			realtime: false,
		},
		{
			address: 0x102c,
			operation: 'WAIT_BITSET',
			value: 0,
			timed: true,
			isPrivate: false,
			realtime: true,
		},
	]);
});
