import {expect, test} from 'vitest';
import {
	type FutexUse,
	type FutexWaiter,
	futexLockId,
	futexLocks,
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

test('a word that several threads wait on is one, the busiest first', () => {
	const locks = futexLocks([
		use(0x1000, 40, waiter(1, 30), waiter(2, 20)),
		use(0x2000, 90, waiter(3, 90), waiter(4, 80), waiter(5, 70)),
	]);
	expect(locks).toMatchObject([
		{id: 'futex:0x2000', waiterTids: [3, 4, 5], contendedPercent: 90},
		{id: 'futex:0x1000', waiterTids: [1, 2], contendedPercent: 40},
	]);
	expect(locks[0]!.waitersAverage).toBeCloseTo(2.4);
});

test('a single thread at an unknown word is waiting for work, not for a lock', () => {
	expect(futexLocks([use(0x1000, 100, waiter(1, 100))])).toEqual([]);
});

test('a single thread counts where the call proves that it waits for a lock', () => {
	const [lock] = futexLocks([use(0x1000, 10, waiter(1, 10, {kind: 'lock'}))]);
	expect(lock).toMatchObject({kind: 'lock', confidence: 'certain', waiterTids: [1]});
});

test('waits of two kinds prove nothing', () => {
	const [lock] = futexLocks([use(0x1000, 10, waiter(1, 10, {kind: 'lock'}), waiter(2, 10))]);
	expect(lock).toMatchObject({kind: 'futex', confidence: 'likely'});
});

test('it is called after the place of its word, where that is known', () => {
	const [named, bare] = futexLocks([
		use(0x11ef0, 50, waiter(1, 50), waiter(2, 50, {region: '[heap]'})),
		use(0x22000, 40, waiter(1, 40), waiter(2, 40)),
	]);
	expect(named!.name).toBe('[heap] 0x11ef0');
	expect(bare!.name).toBe('0x22000');
	expect(futexLockId(0x11ef0)).toBe('futex:0x11ef0');
});
