import {expect, test} from 'vitest';
import type {ReadMemory} from '../../../source/procfs/memory.js';
import {createPython2GilReader} from '../../../source/runtimes/python/gil-state-2.js';

const current = 0x1000;
const lock = 0x2000;
const semaphore = 0x3000;
const state = 0x4000;
const thread = 0x5000;

const makeMemory = (holder: number) => {
	const words = new Map([
		[current, holder],
		[lock, semaphore],
		[state + 144, thread],
		[thread + 720, 4711],
	]);
	const read: ReadMemory = (address, length) => {
		const word = words.get(address);

		if (word === undefined) {
			return undefined;
		}

		const bytes = Buffer.alloc(8);
		bytes.writeBigUInt64LE(BigInt(word));
		return bytes.subarray(0, length);
	};

	return {words, read};
};

const isAlive = (tid: number): number | undefined => (tid === 4711 ? tid : undefined);

test('the holder is the thread whose state is the current one', () => {
	const {read} = makeMemory(state);

	expect(createPython2GilReader(current, lock, read, isAlive, 'x64').read()).toEqual({
		holderTid: 4711,
	});
});

test('no current state means that the GIL is free', () => {
	expect(createPython2GilReader(current, lock, makeMemory(0).read, isAlive, 'x64').read()).toEqual({
		holderTid: undefined,
	});
});

test('a holder that does not live, or memory that is gone, is no state', () => {
	const {read, words} = makeMemory(state);

	expect(
		createPython2GilReader(current, lock, read, () => undefined, 'x64').read(),
	).toBeUndefined();
	expect(createPython2GilReader(current, lock, read, isAlive, 'riscv64').read()).toBeUndefined();
	words.delete(current);
	expect(createPython2GilReader(current, lock, read, isAlive, 'x64').read()).toBeUndefined();
});

test('only the semaphore that the interpreter points at is the GIL’s word, and none where that is not known', () => {
	const {read} = makeMemory(state);
	const reader = createPython2GilReader(current, lock, read, isAlive, 'x64');
	const stripped = createPython2GilReader(current, undefined, read, isAlive, 'x64');

	expect(reader.isGilWord(semaphore)).toBe(true);
	expect(reader.isGilWord(semaphore + 8)).toBe(false);
	expect([reader.knowsGilWord, stripped.knowsGilWord]).toEqual([true, false]);
	expect(stripped.isGilWord(semaphore)).toBe(false);
	expect(stripped.isGilWord(0)).toBe(false);
});
