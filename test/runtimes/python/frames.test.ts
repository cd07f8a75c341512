import {expect, test} from 'vitest';
import {type GoldenMemory, makeMemory, openPython} from './memory.js';

const runtime = 0x10000;
const interpreter = 0x20000;
const gil = 0x30000;
const thread = 0x40000;
const codeType = 0x50000;
const textType = 0x51000;
const bytesType = 0x52000;

/** What lies where in `_Py_DebugOffsets`, and the offsets that this made-up build has: all different, so that none can stand for another. */
const debugOffsets = {
	'3.13': {number: 0x030d, gil: 112, thread: 152, frame: 224, code: 272, object: 352},
	'3.14': {number: 0x030e, gil: 120, thread: 176, frame: 248, code: 312, object: 400},
};

type Version = keyof typeof debugOffsets;

const writeRuntime = (memory: GoldenMemory, version: Version, header = 16): void => {
	const groups = debugOffsets[version];
	const isFreeThreaded = header === 32;
	memory.words({
		[runtime]: Buffer.from('xdebugpy').readBigUInt64LE(),
		[runtime + 8]: (groups.number << 16) | 0xf0,
		[runtime + 16]: isFreeThreaded ? 1 : 0,
		[runtime + 40]: 632,
		[runtime + 56]: 24,
		[runtime + 64]: 32,
		[runtime + 72]: 40,
		[runtime + groups.gil]: 48,
		[runtime + groups.thread + 16]: 8,
		[runtime + groups.thread + 24]: 16,
		[runtime + groups.thread + 32]: 72,
		[runtime + groups.thread + 48]: 160,
		[runtime + groups.frame + 8]: 16,
		[runtime + groups.frame + 16]: 8,
		[runtime + groups.frame + 24]: 56,
		[runtime + groups.frame + 40]: 74,
		[runtime + groups.code + 8]: 112,
		[runtime + groups.code + 16]: 120,
		[runtime + groups.code + 24]: 128,
		[runtime + groups.code + 32]: 136,
		[runtime + groups.code + 40]: 68,
		[runtime + groups.code + 72]: 208,
		[runtime + groups.object]: header,
		[runtime + 632]: interpreter,
		[interpreter + 40]: thread,
		[interpreter + 48]: gil,
		[thread + 16]: interpreter,
		[thread + 160]: 4711,
		...(isFreeThreaded ? {[gil + 8]: 5000} : {[gil]: 5000}),
	});
};

/** In front of its content a text has its length, a hash, and how it's written: 3.14 keeps that 16 bits further up. */
const writeText = (
	memory: GoldenMemory,
	address: number,
	content: string,
	{version = '3.14' as Version, size = 1, isAscii = true, header = 16} = {},
): void => {
	const shift = version === '3.14' ? 16 : 2;
	const characters = [...content].map(character => character.codePointAt(0)!);
	const bytes = Buffer.alloc(characters.length * size);
	for (const [index, code] of characters.entries()) {
		bytes.writeUIntLE(code, index * size, size);
	}

	memory.words({
		[address + header - 8]: textType,
		[address + header]: characters.length,
		[address + header + 16]: (size | 8 | (isAscii ? 16 : 0)) << shift,
	});
	memory.bytes(address + header + (isAscii ? 24 : 40), bytes);
};

type Code = {name: string; file?: string; firstLine?: number; table?: string; header?: number};

const writeCode = (
	memory: GoldenMemory,
	address: number,
	{name, file = '/srv/shop/views.py', firstLine = 7, table = 'f000', header = 16}: Code,
	version: Version = '3.14',
): void => {
	memory.words({
		[address + header - 8]: codeType,
		[address + 68]: firstLine,
		[address + 112]: address + 0x400,
		[address + 120]: address + 0x600,
		[address + 128]: address + 0x600,
		[address + 136]: address + 0x800,
		[address + 0x800 + header - 8]: bytesType,
		[address + 0x800 + header]: table.length / 2,
	});
	writeText(memory, address + 0x400, file, {version, header});
	writeText(memory, address + 0x600, name, {version, header});
	memory.bytes(address + 0x800 + header + 16, Buffer.from(table, 'hex'));
};

const writeFrame = (
	memory: GoldenMemory,
	address: number,
	{code, previous = 0, owner = 0, offset = 0}: Record<string, number>,
): void => {
	memory.words({
		[address + 8]: code!,
		[address + 16]: previous,
		[address + 56]: code! - (code! % 8) + 208 + offset,
	});
	memory.bytes(address + 74, Buffer.from([owner]));
};

const symbols = {
	_PyRuntime: runtime,
	PyCode_Type: codeType,
	PyUnicode_Type: textType,
	PyBytes_Type: bytesType,
};

const stackIn = (memory: GoldenMemory, version: string = '3.14') => {
	const python = openPython({version, symbols, read: memory.read})!;
	const state = python.threads().get(4711)!;
	return {python, frames: () => [...python.frames(state)]};
};

/** Two functions, the innermost called by way of a C function: frames 0x60000, 0x61000, 0x62000. */
const twoFunctions = (version: Version) => {
	const memory = makeMemory();
	writeRuntime(memory, version);
	memory.words({[thread + 72]: 0x60000});
	// Three entries: two bytes of no change, a line more for four, and one that says its delta as a number.
	writeCode(memory, 0x70000, {name: 'Producer._poll', table: '80d900e80c'}, version);
	writeCode(memory, 0x71000, {name: 'main.<locals>.run'}, version);
	writeFrame(memory, 0x60000, {
		code: 0x70000 + (version === '3.14' ? 1 : 0),
		previous: 0x61000,
		offset: 4,
	});
	writeFrame(memory, 0x61000, {code: 0xdead8, previous: 0x62000, owner: 3});
	writeFrame(memory, 0x62000, {code: 0x71000, offset: -2});
	return memory;
};

test.each(['3.13', '3.14'] as const)(
	'frames of Python %s are found by its own table of offsets, without those of C functions',
	version => {
		expect(stackIn(twoFunctions(version), version).frames()).toEqual([
			'Producer._poll (shop/views.py:8)',
			'run (shop/views.py:7)',
		]);
	},
);

test('a build that can run without the GIL has longer objects, and its threads have stacks too', () => {
	const memory = makeMemory();
	writeRuntime(memory, '3.13', 32);
	memory.words({[thread + 72]: 0x60000});
	writeCode(memory, 0x70000, {name: 'burn', header: 32}, '3.13');
	writeFrame(memory, 0x60000, {code: 0x70000});
	const {python, frames} = stackIn(memory, '3.13t');
	expect(python.isWithoutGil()).toBe(true);
	expect(frames()).toEqual(['burn (shop/views.py:7)']);
	// It may run a copy of the instructions that lies somewhere else: then no line is told.
	memory.words({[0x60000 + 56]: 0x1000});
	expect(frames()).toEqual(['burn (shop/views.py)']);
});

test('names of all alphabets are read as they are', () => {
	for (const [name, size] of [
		['grüße', 1],
		['買い物', 2],
		['𝓟oll', 4],
	] as const) {
		const memory = twoFunctions('3.14');
		writeText(memory, 0x70600, name, {size, isAscii: false});
		expect(stackIn(memory).frames()[0]).toBe(`${name} (shop/views.py:8)`);
	}
});

test('what cannot be true ends the stack', () => {
	const breaks: ((memory: GoldenMemory) => void)[] = [
		memory => memory.words({[0x62000 + 8]: 0x40000}),
		memory => memory.words({[0x71000 + 8]: textType}),
		memory => memory.words({[0x71600 + 8]: bytesType}),
		memory => memory.words({[0x71600 + 16]: 100_000}),
		memory => memory.words({[0x71600 + 16]: 0}),
		memory => memory.words({[0x71600 + 32]: 0}),
		memory => memory.words({[0x71800 + 16]: 2 ** 40}),
		memory => memory.words({[0x71800 + 8]: textType}),
		memory => memory.words({[0x71000 + 68]: 0xffffffff}),
		memory => memory.words({[0x71000 + 112]: 0}),
		memory => memory.unmap(0x62000),
	];
	for (const [index, breakIt] of breaks.entries()) {
		const memory = twoFunctions('3.14');
		breakIt(memory);
		expect([index, ...stackIn(memory).frames()]).toEqual([
			index,
			'Producer._poll (shop/views.py:8)',
		]);
	}
});

test('frames that lead back to themselves end', () => {
	const memory = twoFunctions('3.14').words({[0x62000 + 16]: 0x62000});
	expect(stackIn(memory).frames()).toHaveLength(2);
	const circle = twoFunctions('3.14').words({[0x62000 + 16]: 0x60000});
	expect(stackIn(circle).frames().length).toBeLessThanOrEqual(100);
});

test('a code object is read once, and again when another one lies at its place', () => {
	const memory = twoFunctions('3.14');
	const {python, frames} = stackIn(memory);
	expect(frames()[0]).toContain('Producer._poll');
	writeCode(memory, 0x72000, {name: 'other', firstLine: 30, table: '84'});
	const moved = {[0x70000 + 68]: 30, [0x70000 + 112]: 0x72400, [0x70000 + 128]: 0x72600};
	memory.words({...moved, [0x70000 + 120]: 0x72600, [0x70000 + 136]: 0x72800});
	expect(frames()[0]).toContain('Producer._poll');
	python.refresh();
	expect(frames()[0]).toBe('other (shop/views.py:30)');
});

test('a thread that runs no Python has no frames', () => {
	const memory = twoFunctions('3.14').words({[thread + 72]: 0});
	expect(stackIn(memory).frames()).toEqual([]);
});

test('offsets out of all proportion are not followed', () => {
	for (const field of [176 + 32, 248 + 16, 312 + 72]) {
		const {read} = twoFunctions('3.14').words({[runtime + field]: 2 ** 40});
		expect(openPython({version: '3.14', symbols, read})).toBeUndefined();
	}
});
