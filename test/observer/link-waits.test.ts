import {expect, test} from 'vitest';
import {linkWaitsToLocks} from '../../source/observer/link-waits.js';
import {createProcessEntry, createThreadEntry} from '../../source/sampler/task-entry.js';

const makeProcess = (ids: readonly string[]) => {
	const process = createProcessEntry(100);
	process.locks = ids.map(id => ({id, kind: 'mutex', waiters: 1, waiterTids: [100]}) as never);
	const entry = createThreadEntry(process, 100);
	process.threads.set(100, entry);
	entry.dirty = false;
	return {process, entry};
};

test('a wait on a word that is known as a lock names it, and one on another word does not', () => {
	const {process, entry} = makeProcess(['futex:0x1000']);
	entry.wait = {kind: 'lock', futexAddress: '0x1000'};
	entry.waits = [
		{kind: 'lock', futexAddress: '0x1000', percent: 60},
		{kind: 'futex', futexAddress: '0x2000', percent: 40},
	];
	linkWaitsToLocks(process);
	expect(entry.wait.lockId).toBe('futex:0x1000');
	expect(entry.waits.map(({lockId}) => lockId)).toEqual(['futex:0x1000', undefined]);
	expect(entry.dirty).toBe(true);
});

test('a lock that is gone is no longer named, and what stays the same is not changed', () => {
	const {process, entry} = makeProcess([]);
	entry.wait = {kind: 'lock', futexAddress: '0x1000', lockId: 'futex:0x1000'};
	linkWaitsToLocks(process);
	expect('lockId' in entry.wait).toBe(false);
	entry.dirty = false;
	const before = entry.wait;
	linkWaitsToLocks(process);
	expect(entry.wait).toBe(before);
	expect(entry.dirty).toBe(false);
});

test('the lock of a runtime, which has no word, stays named', () => {
	const {process, entry} = makeProcess([]);
	entry.wait = {kind: 'lock', lockId: 'monitor:7'};
	linkWaitsToLocks(process);
	expect(entry.wait.lockId).toBe('monitor:7');
});
