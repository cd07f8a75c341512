import {expect, test} from 'vitest';
import type {FutexUse} from '../../source/locks/futex-locks.js';
import type {AddressSpace} from '../../source/observer/address-spaces.js';
import {createLockObserver} from '../../source/observer/lock-observer.js';
import type {WaitReader} from '../../source/observer/wait-reader.js';
import {createWorkBudget} from '../../source/observer/work-budget.js';
import {createProcessEntry, createThreadEntry} from '../../source/sampler/task-entry.js';

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

test('what the stack of a waiter told of a word is remembered for ticks in which none is read', () => {
	const process = createProcessEntry(10);
	const writer = createThreadEntry(process, 11);
	const threads = new Map([[11, writer]]);
	const observer = createLockObserver({
		architecture: 'x64',
		spaces: {of: () => space, prune() {}},
		names: {
			placeOf: () => undefined,
			nameOf: () => undefined,
			roughNameOf: () => '0x555500001004',
			symbolKnown: () => undefined,
			sharedId: () => undefined,
		},
		members: {nameOf: () => null},
		waits: {} as WaitReader,
		ids: {tidOf: () => undefined},
		threads,
		budget: createWorkBudget(1000),
		postpone() {},
	});
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
