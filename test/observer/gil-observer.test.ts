import {expect, test} from 'vitest';
import {nameGil} from '../../source/observer/gil-lock.js';
import {createGilObserver} from '../../source/observer/gil-observer.js';
import type {PythonAttachment} from '../../source/observer/python-processes.js';
import type {GilReader} from '../../source/runtimes/python/gil-state.js';
import type {PythonProcess} from '../../source/runtimes/python/python-process.js';
import {createProcessEntry, createThreadEntry} from '../../source/sampler/task-entry.js';
import {interpreterOf} from '../runtimes/python/memory.js';

const word = 0x7000;

const readerOf = (start: number, tid: number): GilReader => ({
	read: () => ({holderTid: tid, holder: {address: 1, tid, firstFrame: 1}, switchNumber: 42}),
	knowsGilWord: true,
	isGilWord: address => address === start,
});

const pythonWith = (overrides: Partial<PythonProcess> = {}): PythonProcess => ({
	gils: () => [{interpreterId: 0, reader: mainReader}],
	isWithoutGil: () => false,
	threads: () => new Map(),
	frames: () => ['wait (python3.12/threading.py:1)', 'burn (pyload.py:6)'],
	refresh() {},
	...overrides,
});

const mainReader = readerOf(word, 11);

const observe = (
	python: PythonProcess | undefined,
	version = '3.12',
	words: readonly number[] = [],
	isInFocus = true,
) => {
	const attachment: PythonAttachment = {
		generation: 0,
		interpreter: interpreterOf(version),
		python,
		attachedAt: 0,
		isPending: false,
	};
	const observer = createGilObserver({of: () => attachment, beginTick() {}});
	const process = {...createProcessEntry(10), sweeps: 20, active: true};
	process.threads.set(11, createThreadEntry(process, 11));
	const uses = words.map((address, index) => ({
		address,
		contendedPercent: 100,
		waiters: [
			{
				tid: 20 + index,
				percent: 50,
				wait: {kind: 'futex' as const, futexAddress: `0x${address.toString(16)}`, region: 'here'},
			},
		],
	}));
	const tick = () => {
		observer.beginTick();
		return observer.observe(process, uses, isInFocus);
	};

	return {observer, process, tick};
};

test('who holds it is counted over the looks, with the line of the application', () => {
	const {observer, tick} = observe(pythonWith(), '3.12', [word]);
	tick();
	observer.look();
	observer.look();
	expect(tick()).toEqual({
		gil: {
			holderTid: 11,
			holders: [{tid: 11, percent: 100, frame: 'burn (pyload.py:6)'}],
			freePercent: 0,
			handOffsPerSecond: 0,
			waiters: 0.5,
			waiterTids: [20],
			lockId: 'futex:0x7000',
			region: 'here',
		},
	});
});

test('where nobody waits it is told only of a process that somebody looks at', () => {
	expect(observe(pythonWith(), '3.12', [0x1230], false).tick()).toEqual({});
	expect(observe(pythonWith(), '3.12', [0x1230]).tick().gil).toMatchObject({
		waiters: 0,
		waiterTids: [],
		holderTid: 11,
	});
});

test('of a process that sleeps on nothing is read anew', () => {
	let reads = 0;
	const gils = () => {
		reads++;
		return [{interpreterId: 0, reader: mainReader}];
	};

	const {process, tick} = observe(pythonWith({gils}));
	process.active = false;
	const facts = tick();
	expect([tick(), reads]).toEqual([facts, 1]);
	process.active = true;
	tick();
	expect(reads).toBe(2);
});

test('each interpreter’s GIL is told, the one with most waiters first, and its lock is called so', () => {
	const gils = () => [
		{interpreterId: 0, reader: mainReader},
		{interpreterId: 1, reader: second},
	];
	const second = readerOf(0x8000, 12);
	const facts = observe(pythonWith({gils}), '3.12', [0x8000]).tick();
	expect(facts.gil).toMatchObject({interpreterId: 1, waiters: 0.5, lockId: 'futex:0x8000'});
	expect(facts.otherGils).toMatchObject([{interpreterId: 0, waiters: 0}]);
	const lock = {
		id: 'futex:0x8000',
		kind: 'condition',
		name: '[heap]',
		waiterTids: [20],
		waitersAverage: 0.5,
		contendedPercent: 100,
		confidence: 'likely' as const,
	};
	expect(nameGil([lock], facts)[0]).toMatchObject({kind: 'gil', name: 'GIL', holderTid: 12});
	expect(nameGil([lock], {})).toEqual([lock]);
});

test('a build that runs without a GIL, and a version that is not known, are told as that', () => {
	expect(observe(pythonWith({isWithoutGil: () => true}), '3.13t').tick()).toEqual({
		withoutGil: true,
	});
	const {process, tick} = observe(undefined, '3.5');
	expect(tick()).toEqual({
		hint: "who holds the GIL and which lines run can't be read of this Python 3.5; py-spy dump --pid 10 shows the lines",
	});
	process.sweeps = 1;
	expect(tick()).toEqual({});
});
