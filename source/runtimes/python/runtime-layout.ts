import type {ReadMemory} from '../../procfs/memory.js';
import {readDebugOffsets} from './debug-offsets.js';
import type {PythonInterpreter} from './interpreter.js';

/**
How a code object says which line an instruction belongs to. `rising-lnotab`: Python 2, whose lines only rise; `lnotab`: 3.6 to 3.9;
`lines`: 3.10, PEP 626; `locations`: from 3.11 on.
*/
export type LineTableKind = 'rising-lnotab' | 'lnotab' | 'lines' | 'locations';

/** Where a thread's frames are, and in each of them what is needed of it. */
export type FrameLayout = {
	/** In the thread's state: pointer to the innermost frame, or to a structure that has it. */
	first: {offset: number; through?: number};
	/** Pointer to the frame of the caller, in a frame. */
	previous: number;
	/** Pointer to the code object; since 3.14 with marks in its lowest bits. */
	code: number;
	/** Where it is: an index of bytes, or of instructions (two bytes each), or a pointer to the instruction. */
	instruction: {offset: number; kind: 'bytes' | 'units' | 'pointer'};
	/** Byte that says what the frame belongs to: from 3 on it's none of Python's own. Missing before 3.11. */
	owner?: number;
};

export type CodeLayout = {
	filename: number;
	name: number;
	/** Missing before 3.11. */
	qualifiedName?: number;
	firstLine: number;
	lineTable: number;
	lineTableKind: LineTableKind;
	/** Where the instructions begin, in a code object of 3.11 and newer; before, they are an object of their own. */
	instructions?: number;
};

/** Python's texts: `bytes` is what file and function names are in Python 2. */
export type TextLayout = {
	/** Characters of a text that is ASCII follow here, those of others at `wide`. */
	ascii: number;
	wide: number;
	length: number;
	state: number;
	/** Lowest bit of the character size in the state, behind it `compact` and `ascii`. */
	kindShift: number;
};

export type BytesLayout = {size: number; value: number};

/** Where CPython keeps its GIL, its threads and their frames: offsets in its structures, in bytes. */
export type RuntimeLayout = {
	/** Pointer to the main interpreter, in `_PyRuntime`. */
	interpretersHead: number;
	/** The GIL: a part of `_PyRuntime`, or pointed at by the interpreter. */
	gil: {within: 'runtime' | 'interpreter'; offset: number};
	/** Whether the GIL begins with a flag that says whether it's in use: builds that can run without. */
	hasGilSwitch: boolean;
	interpreter: {
		/** Pointer to the next one. */
		next: number;
		/** Its number; 0 is the main one's. */
		id: number;
		/** Pointer to the first thread state. */
		threadsHead: number;
	};
	thread: {
		/** Pointer to the next thread state. */
		next: number;
		/** Pointer back to the interpreter. */
		interpreter: number;
		/** Where its `pthread_t` lies, and from 3.11 on the kernel's own id. */
		id: {pthread: number; native?: number};
	};
	frame: FrameLayout;
	code: CodeLayout;
	/** Missing in Python 2, whose texts are bytes. */
	text?: TextLayout;
	bytes: BytesLayout;
};

const bytes: BytesLayout = {size: 16, value: 32};
const text: TextLayout = {ascii: 48, wide: 72, length: 16, state: 32, kindShift: 2};

/** Frames that are objects, each with its caller's: up to 3.10. */
const objectFrames = (instruction: number, kind: 'bytes' | 'units'): FrameLayout => ({
	first: {offset: 24},
	previous: 24,
	code: 32,
	instruction: {offset: instruction, kind},
});

const olderCode: CodeLayout = {
	filename: 104,
	name: 112,
	firstLine: 40,
	lineTable: 120,
	lineTableKind: 'lnotab',
};

const pthread = {pthread: 176} as const;

const layout3 = {
	hasGilSwitch: false,
	interpreter: {next: 0, id: 16, threadsHead: 8},
	thread: {next: 8, interpreter: 16, id: pthread},
	frame: objectFrames(104, 'bytes'),
	code: olderCode,
	text,
	bytes,
};

/**
Offsets of the versions that don't describe themselves, the same on x86-64 and arm64: from each version's own headers
(`pycore_runtime.h`, before 3.8 `internal/pystate.h`; `pycore_interp.h`, `pystate.h`, `frameobject.h`, `pycore_frame.h`, `code.h`,
`unicodeobject.h`), checked with its own compiler.
*/
const layouts: ReadonlyMap<string, RuntimeLayout> = new Map<string, RuntimeLayout>([
	[
		'3.7',
		{
			...layout3,
			interpretersHead: 24,
			gil: {within: 'runtime', offset: 1264},
			code: {...olderCode, filename: 96, name: 104, firstLine: 36, lineTable: 112},
		},
	],
	['3.8', {...layout3, interpretersHead: 32, gil: {within: 'runtime', offset: 1152}}],
	[
		'3.9',
		{
			...layout3,
			interpretersHead: 32,
			gil: {within: 'runtime', offset: 352},
			interpreter: {next: 0, id: 24, threadsHead: 8},
		},
	],
	[
		'3.10',
		{
			...layout3,
			interpretersHead: 32,
			gil: {within: 'runtime', offset: 352},
			interpreter: {next: 0, id: 24, threadsHead: 8},
			frame: objectFrames(96, 'units'),
			code: {...olderCode, lineTableKind: 'lines'},
		},
	],
	[
		'3.11',
		{
			...layout3,
			interpretersHead: 40,
			gil: {within: 'runtime', offset: 360},
			interpreter: {next: 0, id: 48, threadsHead: 16},
			thread: {next: 8, interpreter: 16, id: {pthread: 152, native: 160}},
			frame: {
				first: {offset: 56, through: 8},
				previous: 48,
				code: 32,
				instruction: {offset: 56, kind: 'pointer'},
				owner: 69,
			},
			code: {
				filename: 112,
				name: 120,
				qualifiedName: 128,
				firstLine: 72,
				lineTable: 136,
				lineTableKind: 'locations',
				instructions: 184,
			},
		},
	],
	[
		'3.12',
		{
			...layout3,
			interpretersHead: 40,
			gil: {within: 'interpreter', offset: 384},
			interpreter: {next: 0, id: 8, threadsHead: 72},
			thread: {next: 8, interpreter: 16, id: {pthread: 136, native: 144}},
			frame: {
				first: {offset: 56, through: 0},
				previous: 8,
				code: 0,
				instruction: {offset: 56, kind: 'pointer'},
				owner: 70,
			},
			code: {
				filename: 112,
				name: 120,
				qualifiedName: 128,
				firstLine: 68,
				lineTable: 136,
				lineTableKind: 'locations',
				instructions: 192,
			},
			text: {...text, ascii: 40, wide: 56},
		},
	],
]);

/** Of versions whose interpreter has no structure of its own that leads to all: found by the current thread's state. */
export type OlderLayout = Omit<RuntimeLayout, 'interpretersHead' | 'gil' | 'hasGilSwitch'>;

/** The same of Python 2.7 and 3.6, which have no `_PyRuntime`. */
export const olderLayouts: ReadonlyMap<string, OlderLayout> = new Map<string, OlderLayout>([
	[
		'2.7',
		{
			interpreter: {next: 0, id: 0, threadsHead: 8},
			thread: {next: 0, interpreter: 8, id: {pthread: 144}},
			frame: {
				first: {offset: 16},
				previous: 24,
				code: 32,
				instruction: {offset: 120, kind: 'bytes'},
			},
			code: {
				filename: 80,
				name: 88,
				firstLine: 96,
				lineTable: 104,
				lineTableKind: 'rising-lnotab',
			},
			bytes: {size: 16, value: 36},
		},
	],
	[
		'3.6',
		{
			interpreter: {next: 0, id: 0, threadsHead: 8},
			thread: {next: 8, interpreter: 16, id: {pthread: 152}},
			frame: objectFrames(120, 'bytes'),
			code: {filename: 96, name: 104, firstLine: 36, lineTable: 112, lineTableKind: 'lnotab'},
			text,
			bytes,
		},
	],
]);

/** Layout of a running interpreter; `undefined` for versions that aren't known. */
export const readRuntimeLayout = (
	{version, minor, major}: PythonInterpreter,
	runtimeAddress: number,
	readMemory: ReadMemory,
): RuntimeLayout | undefined =>
	major === 3 && minor >= 13 ? readDebugOffsets(runtimeAddress, readMemory) : layouts.get(version);
