import {expect, test} from 'vitest';
import type {FutexUse} from '../../source/locks/futex-locks.js';
import type {Lock} from '../../source/model/lock.js';
import type {Wait} from '../../source/model/wait.js';
import {nameGil} from '../../source/observer/gil-lock.js';
import {findPypyGil} from '../../source/observer/pypy-gil.js';

const use = (address: number, wait: Wait, ...tids: readonly number[]): FutexUse => ({
	address,
	contendedPercent: 100,
	waiters: tids.map(tid => ({tid, wait, percent: 90})),
});

const atHead: Wait = {
	kind: 'futex',
	call: 'futex',
	timed: true,
	timeoutMilliseconds: 0.1,
	region: 'libpypy3.9-c.so',
};
const inQueue: Wait = {kind: 'lock', call: 'futex', timed: false, region: 'libpypy3.9-c.so'};
const onHeap: Wait = {kind: 'futex', call: 'futex', timed: false, region: '[heap]'};

test('those in the queue and the one at its head wait for the same lock', () => {
	const found = findPypyGil([
		use(0x1000, atHead, 11),
		use(0x2000, inQueue, 12, 13, 14),
		use(0x3000, onHeap, 15, 16, 17, 18, 19),
	]);
	expect(found?.gil).toMatchObject({
		waiters: 3.6,
		waiterTids: [11, 12, 13, 14],
		lockId: 'futex:0x2000',
		region: 'libpypy3.9-c.so',
	});
	expect([...found!.words]).toEqual([0x1000, 0x2000]);
});

test('one who waits alone is at the head; a program without others waits for nothing', () => {
	expect(findPypyGil([use(0x1000, atHead, 11)])?.gil.lockId).toBe('futex:0x1000');
	expect(findPypyGil([use(0x3000, onHeap, 15)])).toBeUndefined();
	expect(findPypyGil([])).toBeUndefined();
});

test("the owner of the queue's mutex is not told as the GIL's holder", () => {
	const {gil} = findPypyGil([use(0x2000, inQueue, 12, 13)])!;
	const mutex: Lock = {
		id: 'futex:0x2000',
		kind: 'mutex',
		name: 'libpypy3.9-c.so+0x388cb80',
		holderTid: 11,
		holders: [{tid: 11, percent: 100}],
		waiterTids: [12, 13],
		waitersAverage: 1.8,
		contendedPercent: 100,
		confidence: 'certain',
	};
	const [lock] = nameGil([mutex], {gil});
	expect(lock).toMatchObject({kind: 'gil', name: 'GIL', waiterTids: [12, 13]});
	expect(lock).not.toHaveProperty('holderTid');
	expect(lock).not.toHaveProperty('holders');
	expect(lock?.holderNote).toContain('not seen from outside');
});
