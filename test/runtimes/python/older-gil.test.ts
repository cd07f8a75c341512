import {expect, test} from 'vitest';
import {type GoldenOptions, makeMemory, openPython} from './memory.js';

const current = 0x1000;
const lock = 0x2000;
const semaphore = 0x3000;
const state = 0x4000;
const thread = 0x5000;
const interpreter = 0x6000;

/** Python 2.7 with one thread. */
const python27 = (holder: number) =>
	makeMemory().words({
		[current]: holder,
		[lock]: semaphore,
		[interpreter + 8]: state,
		[state + 8]: interpreter,
		[state + 144]: thread,
		[thread + 720]: 4711,
	});

const open = (options: Partial<GoldenOptions> & Pick<GoldenOptions, 'read'>) =>
	openPython({
		version: '2.7',
		symbols: {_PyThreadState_Current: current, interpreter_lock: lock},
		...options,
	})!.gils()[0]!.reader;

test('the holder is the thread whose state is the current one', () => {
	expect(open(python27(state)).read()?.holderTid).toBe(4711);
	expect(open(python27(state)).read()?.switchNumber).toBeUndefined();
});

test('no current state means that the GIL is free', () => {
	expect(open(python27(0)).read()).toEqual({holderTid: undefined});
});

test('a holder that does not live, or memory that is gone, is no state', () => {
	const {read, unmap} = python27(state);

	expect(open({read, tids: []}).read()).toBeUndefined();
	expect(open({read, architecture: 'riscv64'}).read()).toBeUndefined();
	unmap(current);
	expect(open({read}).read()).toBeUndefined();
});

test('the threads are found once one of them was seen to hold the GIL, or by the private list of interpreters', () => {
	const memory = python27(0);
	const open27 = (symbols: Readonly<Record<string, number>>) =>
		openPython({version: '2.7', symbols, read: memory.read})!;
	const stripped = open27({_PyThreadState_Current: current});
	expect(stripped.threads().size).toBe(0);
	memory.words({[current]: state});
	expect([...stripped.threads().keys()]).toEqual([4711]);
	memory.words({[current]: 0, 28672: interpreter});
	expect([...stripped.threads().keys()]).toEqual([4711]);
	const complete = open27({_PyThreadState_Current: current, interp_head: 0x7000});
	expect([...complete.threads().keys()]).toEqual([4711]);
});

test('Python 3.6 counts its hand-offs and has a condition variable, where its private symbols are known', () => {
	const {read} = makeMemory().words({
		[current]: state,
		[state + 16]: interpreter,
		[state + 152]: thread,
		[thread + 720]: 4711,
		32768: 42,
	});
	const symbols = {_PyThreadState_Current: current, gil_switch_number: 0x8000, gil_cond: 0x9000};
	const reader = open({version: '3.6', symbols, read});
	expect(reader.read()).toMatchObject({holderTid: 4711, switchNumber: 42});
	expect([0x8fff, 0x9000, 0x902f, 0x9030].map(reader.isGilWord)).toEqual([
		false,
		true,
		true,
		false,
	]);
});

test('of a version whose structures are not known nothing is told', () => {
	const {read} = python27(state);
	const symbols = {_PyThreadState_Current: current};
	expect(openPython({version: '3.5', symbols, read})).toBeUndefined();
	expect(openPython({version: '2.6', symbols, read})).toBeUndefined();
	expect(openPython({version: '2.7', symbols: {}, read})).toBeUndefined();
});

test('only the semaphore that the interpreter points at is the GIL’s word, and none where that is not known', () => {
	const {read} = python27(state);
	const reader = open({read});
	const stripped = open({read, symbols: {_PyThreadState_Current: current}});

	expect(reader.isGilWord(semaphore)).toBe(true);
	expect(reader.isGilWord(semaphore + 8)).toBe(false);
	expect([reader.knowsGilWord, stripped.knowsGilWord]).toEqual([true, false]);
	expect(stripped.isGilWord(semaphore)).toBe(false);
	expect(stripped.isGilWord(0)).toBe(false);
});
