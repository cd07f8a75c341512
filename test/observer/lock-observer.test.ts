import {expect, test} from 'vitest';
import type {FutexUse} from '../../source/locks/futex-locks.js';
import type {Wait} from '../../source/model/wait.js';
import type {AddressSpace} from '../../source/observer/address-spaces.js';
import {createLockObserver, type LockObserver} from '../../source/observer/lock-observer.js';
import type {WaitReader} from '../../source/observer/wait-reader.js';
import {createWorkBudget} from '../../source/observer/work-budget.js';
import {
	createProcessEntry,
	createThreadEntry,
	type ThreadEntry,
} from '../../source/sampler/task-entry.js';

const address = 0x5555_0000_1004;
const inRwlock = [
	'syscall+0x19',
	'std::sys::sync::rwlock::futex::RwLock::write_contended+0xe9',
	'shop::restock+0x40',
];

/** Nothing but a stack tells what the word is: memory is refused. */
const space: AddressSpace = {
	memory: {read: () => null, close() {}},
	mappings: () => null,
	mappingOf: () => undefined,
	regionOf: () => undefined,
};

const observerOf = (
	of: AddressSpace,
	threads: ReadonlyMap<number, ThreadEntry>,
	sharedId?: string,
): LockObserver =>
	createLockObserver({
		architecture: 'x64',
		spaces: {of: () => of, prune() {}},
		names: {
			placeOf: () => undefined,
			nameOf: () => undefined,
			roughNameOf: () => '0x555500001004',
			symbolKnown: () => undefined,
			sharedId: () => sharedId,
		},
		members: {nameOf: () => null},
		waits: {} as WaitReader,
		ids: {tidOf: () => undefined},
		threads,
		budget: createWorkBudget(1000),
		postpone() {},
	});

test('what the stack of a waiter told of a word is remembered for ticks in which none is read', () => {
	const process = createProcessEntry(10);
	const writer = createThreadEntry(process, 11);
	const observer = observerOf(space, new Map([[11, writer]]));
	const use: FutexUse = {
		address,
		contendedPercent: 60,
		waiters: [11, 12].map(tid => ({
			tid,
			percent: 30,
			wait: {kind: 'futex', call: 'futex', timed: false, futexAddress: '0x555500001004'},
		})),
	};
	const look = () => {
		observer.beginTick();
		return observer.locksOf(process, [use])[0];
	};
	expect(look()?.kind).toBe('futex');
	writer.stack = inRwlock;
	const known = {kind: 'rwlock', name: 'taken in shop::restock+0x40', wantedIn: inRwlock[2]};
	expect(look()).toMatchObject(known);
	writer.stack = undefined;
	expect(look()).toMatchObject(known);
	// Another program may have taken the process over.
	process.generation++;
	expect(look()?.kind).toBe('futex');
});

/** Memory in which these 32-bit words lie around an address, and nothing else. */
const spaceWith = (words: ReadonlyMap<number, number>): AddressSpace => ({
	...space,
	mappingOf: at => ({
		start: at - (at % 4096),
		end: at - (at % 4096) + 4096,
		permissions: 'rw-p',
		offset: 0,
		device: '00:00',
		inode: 0,
		path: '',
		isDeleted: false,
	}),
	memory: {
		read(start, length) {
			const bytes = Buffer.alloc(length);
			for (let offset = 0; offset + 4 <= length; offset += 4) {
				bytes.writeUInt32LE(words.get(start + offset) ?? 0, offset);
			}

			return bytes;
		},
		close() {},
	},
});

const aloneAt = (at: number, wait: Partial<Wait>): FutexUse => ({
	address: at - (at % 8),
	contendedPercent: 100,
	waiters: [
		{
			tid: 11,
			percent: 100,
			wait: {
				kind: 'futex',
				call: 'futex',
				timed: false,
				futexOperation: 'WAIT_BITSET',
				futexValue: 0,
				futexAddress: `0x${at.toString(16)}`,
				...wait,
			},
		},
	],
});

const locksAt = (of: AddressSpace, use: FutexUse, sharedId?: string) => {
	const process = createProcessEntry(10);
	const observer = observerOf(of, new Map([[11, createThreadEntry(process, 11)]]), sharedId);
	observer.beginTick();
	return observer.locksOf(process, [use]);
};

test('a thread alone that waits to write to a RwLock of Rust is seen there, one at a condition is not', () => {
	const locked = 0x3f_ff_ff_ff;
	const writersWaiting = 0x80_00_00_00;
	const held = spaceWith(new Map([[address - 4, locked + writersWaiting]]));
	expect(locksAt(held, aloneAt(address, {}))).toMatchObject([
		{kind: 'rwlock', waiterTids: [11], confidence: 'likely'},
	]);
	expect(locksAt(held, aloneAt(address, {futexRealtime: true}))).toEqual([]);
	expect(locksAt(spaceWith(new Map()), aloneAt(address, {}))).toEqual([]);
});

test('a thread alone at a semaphore is told where other processes share it', () => {
	const at = 0x7f00_0000_1000;
	const wait = {futexRealtime: true, futexShared: true} as const;
	// The value, how many wait, and that they may be in other processes.
	const semaphore = spaceWith(
		new Map([
			[at + 4, 5],
			[at + 8, 128],
		]),
	);
	expect(locksAt(semaphore, aloneAt(at, wait), '00:01:77+0x0')).toMatchObject([
		{kind: 'semaphore', sharedId: '00:01:77+0x0', waiterTids: [11]},
	]);
	expect(locksAt(semaphore, aloneAt(at, {...wait, futexShared: undefined as never}))).toEqual([]);
});
