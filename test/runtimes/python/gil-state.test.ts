import {expect, test} from 'vitest';
import type {ReadMemory} from '../../../source/procfs/memory.js';
import {
	createGilReader,
	type GilState,
	handOffsPerSecond,
} from '../../../source/runtimes/python/gil-state.js';
import type {PythonInterpreter} from '../../../source/runtimes/python/interpreter.js';

const interpreterOf = (version: string, isFreeThreaded = false): PythonInterpreter => {
	const [major = 0, minor = 0] = version.split('.').map(Number);

	return {
		version,
		major,
		minor,
		isFreeThreaded,
		region: `python${version}`,
		mapping: {
			start: 0,
			end: 0,
			permissions: '',
			offset: 0,
			device: '',
			inode: 1,
			path: '',
			isDeleted: false,
		},
		data: [],
	};
};

const runtime = 0x10000;
const interpreter = 0x20000;
const gil = 0x30000;
const firstThread = 0x40000;
const secondThread = 0x50000;

/** Memory made of 64-bit words; what was never written isn't mapped. */
const makeMemory = (words: Readonly<Record<number, number | bigint>>) => {
	const memory = new Map(
		Object.entries(words).map(([address, value]) => [Number(address), BigInt(value)]),
	);
	const read: ReadMemory = (address, length) => {
		const bytes = Buffer.alloc(length);

		for (let at = 0; at < length; at += 8) {
			const value = memory.get(address + at);

			if (value === undefined) {
				return undefined;
			}

			const word = Buffer.alloc(8);
			word.writeBigUInt64LE(BigInt.asUintN(64, value));
			word.copy(bytes, at, 0, Math.min(8, length - at));
		}

		return bytes;
	};

	return {memory, read};
};

const gilWords = (
	at: number,
	{interval = 5000, holder = firstThread, locked = 1, switches = 42} = {},
) => ({
	[at]: interval,
	[at + 8]: holder,
	[at + 16]: locked & 0xffffffff,
	[at + 24]: switches,
});

/** Python 3.12: the interpreter points at its GIL; two threads, 4711 and 4712. */
const python312 = (state = {}) => ({
	[runtime + 40]: interpreter,
	[interpreter + 384]: gil,
	[interpreter + 72]: firstThread,
	[firstThread + 8]: secondThread,
	[firstThread + 144]: 4711,
	[secondThread + 8]: 0,
	[secondThread + 144]: 4712,
	...gilWords(gil, state),
});

const isAlive = (tid: number): number | undefined => ([4711, 4712].includes(tid) ? tid : undefined);

const open = (
	words: Readonly<Record<number, number | bigint>>,
	version = '3.12',
	architecture = 'x64',
) =>
	createGilReader(interpreterOf(version), runtime, makeMemory(words).read, isAlive, architecture);

test('the holder, the count of hand-offs and the interval are read', () => {
	expect(open(python312())?.read()).toEqual({
		holderTid: 4711,
		switchNumber: 42,
		switchIntervalMilliseconds: 5,
	});
	expect(open(python312({holder: secondThread, interval: 100_000}))?.read()).toMatchObject({
		holderTid: 4712,
		switchIntervalMilliseconds: 100,
	});
});

test('a GIL that nobody holds has no holder, whoever held it last', () => {
	expect(open(python312({locked: 0, holder: 0xdead0}))?.read()).toMatchObject({
		holderTid: undefined,
		switchNumber: 42,
	});
});

test('ids of the process’s own namespace are translated', () => {
	const reader = createGilReader(
		interpreterOf('3.12'),
		runtime,
		makeMemory(python312()).read,
		tid => tid + 1000,
	);

	expect(reader?.read()?.holderTid).toBe(5711);
});

test('before 3.11 the thread’s id is found in the C library’s own structure', () => {
	const words = {
		[runtime + 32]: interpreter,
		[interpreter + 8]: firstThread,
		[firstThread + 8]: 0,
		[firstThread + 176]: 0x7f0000000000,
		[0x7f0000000000 + 720]: 4711,
		[0x7f0000000000 + 208]: 4712,
		...gilWords(runtime + 352),
	};

	expect(open(words, '3.10')?.read()?.holderTid).toBe(4711);
	expect(open(words, '3.10', 'arm64')?.read()?.holderTid).toBe(4712);
});

test.each([
	['3.13', 0x030d, 112, 152],
	['3.14', 0x030e, 120, 176],
])('%s describes its own structures', (version, number, gilField, threadFields) => {
	const words: Record<number, number | bigint> = {};

	for (let at = 0; at < 240; at += 8) {
		words[runtime + at] = 0;
	}

	Object.assign(words, {
		[runtime]: Buffer.from('xdebugpy').readBigUInt64LE(),
		[runtime + 8]: (number << 16) | 0xf0,
		[runtime + 40]: 632,
		[runtime + 72]: 7344,
		[runtime + gilField]: 16,
		[runtime + threadFields + 16]: 8,
		[runtime + threadFields + 48]: 160,
		[runtime + 632]: interpreter,
		[interpreter + 16]: gil,
		[interpreter + 7344]: firstThread,
		[firstThread + 8]: 0,
		[firstThread + 160]: 4711,
		...gilWords(gil),
	});

	expect(open(words, version)?.read()?.holderTid).toBe(4711);
	expect(open({...words, [runtime + 16]: 1}, version)).toBeUndefined();
	expect(open({...words, [runtime]: 0}, version)).toBeUndefined();
	expect(open({...words, [runtime + 8]: 0x030f << 16}, version)).toBeUndefined();
});

test('what cannot be true is no state', () => {
	expect(open(python312({interval: 0}))).toBeUndefined();
	expect(open(python312({interval: 20_000_000}))).toBeUndefined();
	expect(open(python312({locked: 2}))).toBeUndefined();
	expect(open(python312({locked: -1}))).toBeUndefined();
	expect(open({...python312(), [firstThread + 144]: 1, [secondThread + 144]: 2})).toBeUndefined();
	expect(open({})).toBeUndefined();
	expect(open(python312(), '3.5')).toBeUndefined();
	expect(
		createGilReader(interpreterOf('3.12', true), runtime, makeMemory(python312()).read, isAlive),
	).toBeUndefined();
});

test('a holder that is no thread of the interpreter is not believed', () => {
	expect(open(python312({holder: 0x60000}))?.read()).toBeUndefined();
});

test('a list of threads that runs in a circle ends', () => {
	expect(open({...python312(), [secondThread + 8]: firstThread})?.read()?.holderTid).toBe(4711);
});

test('a thread that began since is found, one that let go while we looked is not reported', () => {
	const {memory, read} = makeMemory(python312());
	const thirdThread = 0x60000;
	const reader = createGilReader(interpreterOf('3.12'), runtime, read, tid => tid)!;
	memory.set(secondThread + 8, BigInt(thirdThread));
	memory.set(thirdThread + 8, 0n);
	memory.set(thirdThread + 144, 4713n);
	memory.set(gil + 8, BigInt(thirdThread));

	expect(reader.read()?.holderTid).toBe(4713);

	// As it reads the holder's id, the GIL goes on to the other thread.
	let isHandedOver = false;
	const racing = createGilReader(
		interpreterOf('3.12'),
		runtime,
		(address, length) => {
			const bytes = read(address, length);

			if (address === thirdThread + 144 && isHandedOver) {
				memory.set(gil + 8, BigInt(firstThread));
			}

			return bytes;
		},
		tid => tid,
	)!;
	isHandedOver = true;

	expect(racing.read()?.holderTid).toBe(4711);
});

test('the condition variable’s words are told from the rest of the structure', () => {
	const reader = open(python312())!;

	expect(reader.isGilWord(gil + 32)).toBe(true);
	expect(reader.isGilWord(gil + 76)).toBe(true);
	expect(reader.isGilWord(gil + 80)).toBe(false);
	expect(reader.isGilWord(gil + 24)).toBe(false);
});

test('hand-offs a second come from two readings, and never from one that went backwards', () => {
	const state = (switchNumber: number): GilState => ({
		holderTid: 1,
		switchNumber,
		switchIntervalMilliseconds: 5,
	});

	expect(handOffsPerSecond(state(100), state(300), 2)).toBe(100);
	expect(handOffsPerSecond(state(300), state(100), 2)).toBeUndefined();
	expect(handOffsPerSecond(state(100), state(100), 0)).toBeUndefined();
});
