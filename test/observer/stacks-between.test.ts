import {beforeEach, expect, test} from 'vitest';
import type {Lock} from '../../source/model/lock.js';
import {createStacksBetween} from '../../source/observer/stacks-between.js';
import {
	createProcessEntry,
	createThreadEntry,
	type ProcessEntry,
	type ThreadEntry,
} from '../../source/sampler/task-entry.js';

let process: ProcessEntry;
let threads: Map<number, ThreadEntry>;
let read: number[];

beforeEach(() => {
	process = createProcessEntry(10);
	threads = new Map(
		Array.from({length: 8}, (_, index) => [11 + index, createThreadEntry(process, 11 + index)]),
	);
	read = [];
});

const lock = (parts: Partial<Lock> = {}): Lock => ({
	id: 'futex:0x1000',
	kind: 'futex',
	name: '0x1000',
	waiterTids: [11, 12],
	waitersAverage: 0.7,
	contendedPercent: 70,
	confidence: 'possible',
	...parts,
});

const looksPerTick = 10;

const readIn = (looks: number, locks: readonly Lock[]): readonly number[] => {
	process.locks = locks;
	read = [];
	const stacks = createStacksBetween(threads, {
		update() {},
		read: ({tid}) => {
			read.push(tid);
		},
	});
	for (let count = 0; count < looks; count++) {
		if (count % looksPerTick === 0) {
			stacks.choose([process]);
		}

		stacks.look();
	}

	return read;
};

test('waiters at a word of which nothing is known are read by turns, one a look', () => {
	expect(readIn(3, [lock()])).toEqual([11, 12, 11]);
});

test('those are not read whose lock is known, that hardly wait, or of whom many wait', () => {
	expect(readIn(3, [lock({kind: 'mutex'})])).toEqual([]);
	expect(readIn(3, [lock({waitersAverage: 0.01})])).toEqual([]);
	expect(readIn(3, [lock({waiterTids: [...threads.keys()]})])).toEqual([]);
});

test('a program without symbols is given up', () => {
	expect(readIn(40, [lock()])).toHaveLength(20);
	expect(readIn(400, [lock()])).toHaveLength(20);
});
