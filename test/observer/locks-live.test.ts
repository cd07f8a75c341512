import {afterAll, beforeAll, expect, test} from 'vitest';
import type {Lock} from '../../source/model/lock.js';
import type {Process} from '../../source/model/process.js';
import type {Snapshot} from '../../source/model/snapshot.js';
import {runTool} from '../helpers/run-tool.js';
import {missingForZoo, startZoo, type ZooProcess} from '../helpers/zoo.js';
import {processIn, type Watched, watchTarget} from './watched.js';

const missing = missingForZoo('lock-kinds.c');
let zoo: ZooProcess;
let watched: Watched;
let snapshot: Snapshot;

const program = (): Process => processIn(snapshot, zoo.pid)!;

const tidOf = (name: string): number => program().threads.find(thread => thread.name === name)!.tid;

/** The lock that a thread waits for, found as the screen finds it: through the thread's wait. */
const lockOf = (name: string): Lock | undefined => {
	const wait = program().threads.find(thread => thread.name === name)?.wait;
	return program().locks?.find(({id}) => id === wait?.lockId);
};

const waitersOfProgram = [
	'plain',
	'recursive',
	'checking',
	'adaptive',
	'inheriting',
	'robust',
	'hidden',
	'heap',
	'shared',
	'written_by',
	'written_for',
	'read_by',
	'condition_1',
	'condition_2',
	'semaphore_1',
	'semaphore_2',
	'barrier_1',
	'barrier_2',
	'stdio',
];

/** All but those on the heap and in shared memory. */
const namedByVariable = waitersOfProgram.length - 3;

beforeAll(async () => {
	if (missing !== undefined) {
		return;
	}

	zoo = await startZoo('lock-kinds.c');
	watched = watchTarget();
	// Threads may still be on their way, and names are read a few at a time.
	await watched.tickUntil(each => {
		snapshot = each;
		watched.look();
		const locks = waitersOfProgram.map(lockOf);
		return (
			locks.every(lock => lock !== undefined && !['lock', 'futex'].includes(lock.kind)) &&
			locks.filter(lock => lock?.name.includes('!')).length >= namedByVariable &&
			['heap', 'stdio'].every(
				name => lockOf(name)!.name === `taken in ${lockOf(name)!.wantedIn}`,
			) &&
			['heap', 'stdio'].every(name => lockOf(name)!.wantedIn!.startsWith(name)) &&
			lockOf('plain')?.holders !== undefined
		);
	}, 50);
});

afterAll(async () => {
	watched?.close();
	await zoo?.stop();
});

test.skipIf(missing).each([
	['plain', 'mutex', undefined, 'lock-kinds!plain_mutex'],
	['recursive', 'mutex', 'recursive', 'lock-kinds!recursive_mutex'],
	['checking', 'mutex', 'error-checking', 'lock-kinds!checking_mutex'],
	['adaptive', 'mutex', 'adaptive', 'lock-kinds!adaptive_mutex'],
	['inheriting', 'mutex', 'priority inheritance', 'lock-kinds!inheriting_mutex'],
	['robust', 'mutex', 'robust, shared', 'lock-kinds!robust_mutex'],
	['hidden', 'mutex', undefined, 'lock-kinds!hidden_member+0x28'],
	['heap', 'mutex', undefined, /^taken in heap\+0x/],
	['shared', 'mutex', 'shared', /0x/],
	['written_by', 'rwlock', undefined, 'lock-kinds!written_lock'],
	['stdio', 'stdio', undefined, /^taken in stdio\+0x/],
] as const)('what %s waits for is a %s with its holder', (waiter, kind, variant, name) => {
	const lock = lockOf(waiter)!;

	expect(lock).toMatchObject({
		kind,
		name: typeof name === 'string' ? name : expect.stringMatching(name),
		holderTid: tidOf('holder'),
		confidence: 'certain',
	});
	expect(lock.variant).toBe(variant);
	expect(lock.waiterTids).toContain(tidOf(waiter));
	expect(lock).not.toHaveProperty('holderNote');
});

test.skipIf(missing).each([
	['condition_1', 'condition', 'lock-kinds!condition'],
	['semaphore_1', 'semaphore', 'lock-kinds!semaphore'],
	['barrier_1', 'barrier', 'lock-kinds!barrier'],
])('what %s waits for is a %s, which records no holder', (waiter, kind, name) => {
	const lock = lockOf(waiter)!;
	expect(lock).toMatchObject({
		kind,
		name,
		holderNote: 'owner not recorded by this kind of lock',
		confidence: 'certain',
	});
	expect(lock).not.toHaveProperty('holderTid');
	expect(lock.waiterTids).toHaveLength(2);
});

test.skipIf(missing)('readers of a lock are counted, not named', () => {
	expect(lockOf('read_by')).toMatchObject({
		kind: 'rwlock',
		holderNote: 'held by 1 reader, which this kind of lock does not record',
	});
	expect(lockOf('read_by')).not.toHaveProperty('holderTid');
});

test.skipIf(missing)(
	'a writer and a reader that wait for a written lock wait for the same one',
	() => {
		expect(lockOf('written_by')).toBe(lockOf('written_for'));
		expect(lockOf('written_by')!.waiterTids).toEqual(
			expect.arrayContaining([tidOf('written_by'), tidOf('written_for')]),
		);
	},
);

test.skipIf(missing)('what once runs is awaited, by two', () => {
	const locks = ['once_1', 'once_2', 'once_3'].map(lockOf).filter(lock => lock !== undefined);
	expect(locks).toHaveLength(2);
	expect(locks[0]).toMatchObject({kind: 'once', name: 'lock-kinds!once', confidence: 'likely'});
});

test.skipIf(missing)('the holder is seen to hold it at every look, and to sleep meanwhile', () => {
	expect(lockOf('plain')!.holders).toEqual([{tid: tidOf('holder'), percent: 100}]);
	expect(lockOf('plain')!.heldWhile).toEqual([
		{what: expect.stringMatching(/^(pause|ppoll)$/), percent: 100},
	]);
});

test.skipIf(missing)('a mutex in shared memory is one lock for all its processes', () => {
	const child = snapshot.processes.find(({parentPid}) => parentPid === zoo.pid)!;
	const [lock] = child.locks!;
	expect(lock).toMatchObject({
		kind: 'mutex',
		variant: 'shared',
		holderTid: tidOf('holder'),
		holderPid: zoo.pid,
		waiterTids: [child.pid],
	});
	expect(lock!.sharedId).toMatch(/^[\da-f]+:[\da-f]+:\d+\+0x0$/);
	expect(lock!.sharedId).toBe(lockOf('shared')!.sharedId);
	expect(lockOf('plain')).not.toHaveProperty('sharedId');
});

test.skipIf(missing)('a debugger reads the same owners', async context => {
	const names = ['plain', 'recursive', 'checking', 'adaptive', 'inheriting', 'robust'];
	const commands = names.flatMap(name => ['-ex', `print *(int *)((char *)&${name}_mutex + 8)`]);
	const output = await runTool('gdb', ['-batch', '-nx', '-p', String(zoo.pid), ...commands]);
	context.skip(output === undefined, 'no gdb here');
	const owners = [...output!.matchAll(/^\$\d+ = (\d+)$/gm)].map(([, owner]) => Number(owner));
	expect(owners).toEqual(names.map(name => lockOf(name)!.holderTid));
});
