import type {ReadMemory} from '../../procfs/memory.js';
import type {PythonInterpreter} from './interpreter.js';

/** Where CPython keeps its GIL and its threads: offsets in its structures, in bytes. */
export type RuntimeLayout = {
	/** Pointer to the main interpreter, in `_PyRuntime`. */
	interpretersHead: number;
	/** The GIL: a part of `_PyRuntime`, or pointed at by the interpreter. */
	gil: {within: 'runtime' | 'interpreter'; offset: number};
	/** Pointer to the first thread state, in the interpreter. */
	threadsHead: number;
	/** Pointer to the next thread state, in a thread state. */
	next: number;
	/** The thread's id: the kernel's own from 3.11 on, before that a `pthread_t`. */
	threadId: {kind: 'native' | 'pthread'; offset: number};
};

const inRuntime = (
	interpretersHead: number,
	gil: number,
	threadsHead: number,
	threadId: RuntimeLayout['threadId'],
): RuntimeLayout => ({
	interpretersHead,
	gil: {within: 'runtime', offset: gil},
	threadsHead,
	next: 8,
	threadId,
});

/**
Offsets of the versions that don't describe themselves, the same on x86-64 and arm64: `pycore_runtime.h` (before 3.8
`internal/pystate.h`), `pycore_interp.h` and `pystate.h` of each version.
*/
const layouts: ReadonlyMap<string, RuntimeLayout> = new Map([
	['3.7', inRuntime(24, 1264, 8, {kind: 'pthread', offset: 176})],
	['3.8', inRuntime(32, 1152, 8, {kind: 'pthread', offset: 176})],
	['3.9', inRuntime(32, 352, 8, {kind: 'pthread', offset: 176})],
	['3.10', inRuntime(32, 352, 8, {kind: 'pthread', offset: 176})],
	['3.11', inRuntime(40, 360, 16, {kind: 'native', offset: 160})],
	[
		'3.12',
		{
			interpretersHead: 40,
			gil: {within: 'interpreter', offset: 384},
			threadsHead: 72,
			next: 8,
			threadId: {kind: 'native', offset: 144},
		},
	],
]);

const cookie = 'xdebugpy';

/** Bytes of `_Py_DebugOffsets` up to the last field that's needed. */
const debugOffsetsSize = 232;

/**
Where `_Py_DebugOffsets` (`pycore_debug_offsets.h`) keeps what we need. 3.14 has one more field, `threads_main`, in front of the
interpreter's GIL and two behind it, and the table doesn't say so itself.
*/
const debugFields: ReadonlyMap<number, {gil: number; thread: number}> = new Map([
	[0x030d, {gil: 112, thread: 152}],
	[0x030e, {gil: 120, thread: 176}],
]);

/** From 3.13 on `_PyRuntime` begins with a table of its own offsets. */
const readDebugOffsets = (
	runtimeAddress: number,
	readMemory: ReadMemory,
): RuntimeLayout | undefined => {
	const table = readMemory(runtimeAddress, debugOffsetsSize);

	if (!table || table.toString('latin1', 0, cookie.length) !== cookie) {
		return undefined;
	}

	const fields = debugFields.get(table.readUInt32LE(8) >>> 16);
	const isFreeThreaded = table.readBigUInt64LE(16) !== 0n;

	if (fields === undefined || isFreeThreaded) {
		return undefined;
	}

	const field = (offset: number): number => Number(table.readBigUInt64LE(offset));

	return {
		interpretersHead: field(40),
		gil: {within: 'interpreter', offset: field(fields.gil)},
		threadsHead: field(72),
		next: field(fields.thread + 16),
		threadId: {kind: 'native', offset: field(fields.thread + 48)},
	};
};

/** Layout of a running interpreter; `undefined` for versions that aren't known and for builds without a GIL. */
export const readRuntimeLayout = (
	{version, minor, major, isFreeThreaded}: PythonInterpreter,
	runtimeAddress: number,
	readMemory: ReadMemory,
): RuntimeLayout | undefined => {
	if (isFreeThreaded) {
		return undefined;
	}

	return major === 3 && minor >= 13
		? readDebugOffsets(runtimeAddress, readMemory)
		: layouts.get(version);
};
