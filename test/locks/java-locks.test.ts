import {expect, test} from 'vitest';
import {describeJavaLock, lockOfClass, withJavaLocks} from '../../source/locks/java-locks.js';
import type {WaitShare} from '../../source/model/wait.js';

test('a lock of java.util.concurrent is called what programmers call it', () => {
	const named = (name: string) => lockOfClass(`java.util.concurrent.locks.${name}`);
	expect(named('ReentrantLock$NonfairSync')).toEqual({kind: 'mutex', name: 'ReentrantLock'});
	expect(named('ReentrantLock$FairSync')).toEqual({
		kind: 'mutex',
		variant: 'fair',
		name: 'ReentrantLock',
	});
	expect(named('ReentrantReadWriteLock$NonfairSync')).toEqual({
		kind: 'rwlock',
		name: 'ReentrantReadWriteLock',
	});
	expect(named('StampedLock')).toEqual({kind: 'rwlock', name: 'StampedLock'});
	expect(lockOfClass('java.util.concurrent.Semaphore$NonfairSync')).toEqual({
		kind: 'semaphore',
		name: 'Semaphore',
	});
	expect(lockOfClass('shop.OwnSync')).toEqual({kind: 'mutex', name: 'shop.OwnSync'});
});

const parked = (address: string, percent: number): WaitShare => ({
	kind: 'futex',
	call: 'futex',
	futexAddress: address,
	futexValue: 0,
	percent,
});

const running: WaitShare = {kind: 'running', percent: 20};

test('of a thread’s futex waits as much is told to be for a lock as it was seen to want it', () => {
	const waits = [parked('0x10', 60), parked('0x20', 20), running];
	expect(withJavaLocks(waits, [{id: 'monitor:0x1', kind: 'mutex', percent: 70}])).toEqual([
		{kind: 'lock', call: 'futex', timed: false, lockId: 'monitor:0x1', percent: 70},
		running,
		{...parked('0x20', 10)},
	]);
});

test('a wait for a semaphore is for a lock or for work, which is not for the JVM to say', () => {
	const [wait] = withJavaLocks(
		[parked('0x10', 100)],
		[{id: 'java:0x1', kind: 'semaphore', percent: 100}],
	);
	expect(wait).toMatchObject({kind: 'futex', lockId: 'java:0x1'});
});

test('a wait for a lock is never longer than the thread slept', () => {
	const waits = withJavaLocks(
		[parked('0x10', 40), running],
		[
			{id: 'monitor:0x1', kind: 'mutex', percent: 60},
			{id: 'monitor:0x2', kind: 'mutex', percent: 20},
		],
	);
	expect(waits.map(({lockId, percent}) => [lockId, percent])).toEqual([
		['monitor:0x1', 30],
		[undefined, 20],
		['monitor:0x2', 10],
	]);
	expect(withJavaLocks([running], [{id: 'monitor:0x1', kind: 'mutex', percent: 60}])).toEqual([
		running,
	]);
});

test('the shares of holders are of the looks at which somebody waited', () => {
	const lock = describeJavaLock(
		{
			id: 'monitor:0x1',
			kind: 'monitor',
			name: 'shop.OrderBook',
			looks: 4,
			lastLook: 10,
			waiters: new Map([
				[7, 4],
				[8, 1],
			]),
			holders: new Map([
				[5, 1],
				[6, 2],
			]),
			doing: new Map([['running', 3]]),
			holderTid: 6,
			holderNote: undefined,
		},
		10,
	);
	expect(lock).toEqual({
		id: 'monitor:0x1',
		kind: 'monitor',
		name: 'shop.OrderBook',
		holderTid: 6,
		holders: [
			{tid: 6, percent: 50},
			{tid: 5, percent: 25},
		],
		heldWhile: [{what: 'running', percent: 100}],
		waiterTids: [7, 8],
		waitersAverage: 0.5,
		contendedPercent: 40,
		confidence: 'certain',
	});
});
