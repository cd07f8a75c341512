import {expect, test} from 'vitest';
import type {ReadMemory} from '../../../source/procfs/memory.js';
import {type GilState, handOffsPerSecond} from '../../../source/runtimes/python/gil-state.js';
import {makeMemory, openPython} from './memory.js';

const runtime = 0x10000;
const interpreter = 0x20000;
const gil = 0x30000;
const firstThread = 0x40000;
const secondThread = 0x50000;

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
	[firstThread + 16]: interpreter,
	[firstThread + 144]: 4711,
	[secondThread + 8]: 0,
	[secondThread + 16]: interpreter,
	[secondThread + 144]: 4712,
	...gilWords(gil, state),
});

const openMemory = (
	read: ReadMemory,
	version = '3.12',
	architecture = 'x64',
	tidOf?: (tid: number) => number | undefined,
) =>
	openPython({version, symbols: {_PyRuntime: runtime}, read, architecture, ...(tidOf && {tidOf})});

const open = (
	words: Readonly<Record<number, number | bigint>>,
	version = '3.12',
	architecture = 'x64',
) => openMemory(makeMemory().words(words).read, version, architecture)?.gils()[0]?.reader;

test('the holder, the count of hand-offs and the interval are read', () => {
	expect(open(python312())?.read()).toEqual({
		holderTid: 4711,
		holder: {address: firstThread, tid: 4711, firstFrame: 0},
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
	const {read} = makeMemory().words(python312());
	const reader = openMemory(read, '3.12', 'x64', tid => tid + 1000)?.gils()[0]?.reader;

	expect(reader?.read()?.holderTid).toBe(5711);
});

test('before 3.11 the thread’s id is found in the C library’s own structure', () => {
	const words = {
		[runtime + 32]: interpreter,
		[interpreter + 8]: firstThread,
		[firstThread + 8]: 0,
		[firstThread + 16]: interpreter,
		[firstThread + 176]: 0x7f0000000000,
		[0x7f0000000000 + 720]: 4711,
		[0x7f0000000000 + 208]: 4712,
		...gilWords(runtime + 352),
	};

	expect(open(words, '3.10')?.read()?.holderTid).toBe(4711);
	expect(open(words, '3.10', 'arm64')?.read()?.holderTid).toBe(4712);
});

test.each([
	['3.13', 0x030d, 112, 152, 352],
	['3.14', 0x030e, 120, 176, 400],
])('%s describes its own structures', (version, number, gilField, threadFields, object) => {
	const words = {
		[runtime + object]: 16,
		[runtime]: Buffer.from('xdebugpy').readBigUInt64LE(),
		[runtime + 8]: (number << 16) | 0xf0,
		[runtime + 40]: 632,
		[runtime + 72]: 7344,
		[runtime + gilField]: 16,
		[runtime + threadFields + 16]: 8,
		[runtime + threadFields + 24]: 16,
		[runtime + threadFields + 48]: 160,
		[runtime + 632]: interpreter,
		[interpreter + 16]: gil,
		[interpreter + 7344]: firstThread,
		[firstThread + 8]: 0,
		[firstThread + 16]: interpreter,
		[firstThread + 160]: 4711,
		...gilWords(gil),
	};

	expect(open(words, version)?.read()?.holderTid).toBe(4711);
	expect(open({...words, [runtime + object]: 24}, version)).toBeUndefined();
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
});

test('a holder that is no thread of the interpreter is not believed', () => {
	expect(open(python312({holder: 0x60000}))?.read()).toBeUndefined();
});

test('a list of threads that runs in a circle ends', () => {
	expect(open({...python312(), [secondThread + 8]: firstThread})?.read()?.holderTid).toBe(4711);
});

test('a thread that began since is found, one that let go while we looked is not reported', () => {
	const memory = makeMemory().words(python312());
	const thirdThread = 0x60000;
	const reader = openMemory(memory.read, '3.12', 'x64', tid => tid)!.gils()[0]!.reader;
	memory.words({
		[secondThread + 8]: thirdThread,
		[thirdThread + 16]: interpreter,
		[thirdThread + 144]: 4713,
		[gil + 8]: thirdThread,
	});

	expect(reader.read()?.holderTid).toBe(4713);

	// As it reads the holder's state, the GIL goes on to the other thread.
	let isHandedOver = false;
	const racing = openMemory(
		(address, length) => {
			const bytes = memory.read(address, length);

			if (address === thirdThread && isHandedOver) {
				memory.words({[gil + 8]: firstThread});
			}

			return bytes;
		},
		'3.12',
		'x64',
		tid => tid,
	)!.gils()[0]!.reader;
	isHandedOver = true;

	expect(racing.read()?.holderTid).toBe(4711);
});

test('a GIL that goes on to another thread while each of ten readings lasts is read all the same', () => {
	const memory = makeMemory().words(python312());
	let changes = 0;
	const {reader} = openMemory((address, length) => {
		const bytes = memory.read(address, length);

		if (changes > 0 && (address === firstThread || address === secondThread)) {
			changes--;
			memory.words({[gil + 8]: address === firstThread ? secondThread : firstThread});
		}

		return bytes;
	})!.gils()[0]!;

	changes = 10;
	expect(reader.read()?.holderTid).toBe(4711);
	expect(changes).toBe(0);
	changes = 1000;
	expect(reader.read()).toBeUndefined();
});

test('a thread’s state that belongs to no interpreter of the process is none', () => {
	expect(open(python312({holder: 0x60000}))?.read()).toBeUndefined();
	const words = {...python312({holder: 0x60000}), [0x60000 + 16]: 0xdead0, [0x60000 + 144]: 4711};
	expect(open(words)?.read()).toBeUndefined();
});

/** A second interpreter of 3.12 with a thread of its own. */
const withSecond = (secondGil: number) => ({
	...python312(),
	[interpreter]: 0,
	[interpreter + 8]: 0,
	[runtime + 40]: 0x70000,
	[0x70000]: interpreter,
	[0x70000 + 8]: 1,
	[0x70000 + 384]: secondGil,
	[0x70000 + 72]: 0x80000,
	[0x80000 + 16]: 0x70000,
	[0x80000 + 144]: 4713,
	...(secondGil === gil ? {} : gilWords(secondGil, {holder: 0x80000})),
});

test('each interpreter that has a GIL of its own has a reader, the main one’s first; those that share one do not', () => {
	const tidOf = (tid: number) => tid;
	const own = openMemory(makeMemory().words(withSecond(0x90000)).read, '3.12', 'x64', tidOf)!;
	expect(own.gils().map(each => [each.interpreterId, each.reader.read()?.holderTid])).toEqual([
		[0, 4711],
		[1, 4713],
	]);
	expect([...own.threads().keys()].sort()).toEqual([4711, 4712, 4713]);

	const memory = makeMemory().words(withSecond(gil));
	const shared = openMemory(memory.read, '3.12', 'x64', tidOf)!;
	expect(shared.gils()).toHaveLength(1);
	memory.words({[gil + 8]: 0x80000});
	expect(shared.gils()[0]?.reader.read()?.holderTid).toBe(4713);
});

/** A 3.13 that can run without the GIL: objects begin with 32 bytes, the GIL with a switch. */
const freeThreaded = (enabled: number) => ({
	[runtime]: Buffer.from('xdebugpy').readBigUInt64LE(),
	[runtime + 8]: 0x030d00f0,
	[runtime + 16]: 1,
	[runtime + 40]: 632,
	[runtime + 72]: 7344,
	[runtime + 112]: 16,
	[runtime + 152 + 16]: 8,
	[runtime + 152 + 24]: 16,
	[runtime + 152 + 48]: 160,
	[runtime + 352]: 32,
	[runtime + 632]: interpreter,
	[interpreter + 16]: gil,
	[interpreter + 7344]: firstThread,
	[firstThread + 16]: interpreter,
	[firstThread + 160]: 4711,
	[gil]: enabled,
	...gilWords(gil + 8, {locked: enabled === 0 ? -1 : 1}),
});

test('a build that can run without the GIL says whether it does', () => {
	const open313t = (enabled: number) =>
		openMemory(makeMemory().words(freeThreaded(enabled)).read, '3.13t')!;
	expect(open313t(0).isWithoutGil()).toBe(true);
	expect(open313t(1).isWithoutGil()).toBe(false);
	const {reader} = open313t(1).gils()[0]!;
	expect(reader.read()).toMatchObject({holderTid: 4711, switchNumber: 42});
	expect([gil + 39, gil + 40, gil + 87, gil + 88].map(reader.isGilWord)).toEqual([
		false,
		true,
		true,
		false,
	]);
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
