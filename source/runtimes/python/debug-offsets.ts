import type {ReadMemory} from '../../procfs/memory.js';
import type {RuntimeLayout} from './runtime-layout.js';

const cookie = 'xdebugpy';

/** Where each group of `_Py_DebugOffsets` begins, and what differs inside. */
type Groups = {
	gil: number;
	thread: number;
	frame: number;
	code: number;
	object: number;
	/** Lowest bit of the character size in a text's state (`unicodeobject.h`); 3.14 keeps 16 bits in front of it. */
	kindShift: number;
};

/**
`pycore_debug_offsets.h` (in 3.13 `pycore_runtime.h`): a mark, the version, whether it's a build that can run without the GIL, then
groups of 64-bit offsets. The table doesn't say which fields it has: 3.14 has `threads_main` in front of the interpreter's GIL and two
more behind it, two more of a frame, and one more of a code object.
*/
const groupsByVersion: ReadonlyMap<number, Groups> = new Map([
	[0x030d, {gil: 112, thread: 152, frame: 224, code: 272, object: 352, kindShift: 2}],
	[0x030e, {gil: 120, thread: 176, frame: 248, code: 312, object: 400, kindShift: 16}],
]);

/** Up to the end of the last group that's needed, in the longest table. */
const tableSize = 416;

/** Only the interpreter is a large structure: of all others what is read lies near the beginning. */
const farthest = 1024;

/** A Python object's header: reference count and type, more in builds that can run without the GIL. */
const headerSizes: ReadonlySet<number> = new Set([16, 32]);

/** From 3.13 on `_PyRuntime` begins with a table of its own offsets; `undefined` when it's none, or one of an unknown version. */
export const readDebugOffsets = (
	runtimeAddress: number,
	readMemory: ReadMemory,
): RuntimeLayout | undefined => {
	const table = readMemory(runtimeAddress, tableSize);

	if (!table || table.toString('latin1', 0, cookie.length) !== cookie) {
		return undefined;
	}

	const groups = groupsByVersion.get(table.readUInt32LE(8) >>> 16);

	if (groups === undefined) {
		return undefined;
	}

	const field = (group: number, index: number): number =>
		Number(table.readBigUInt64LE(group + index * 8));
	const {gil, thread, frame, code, object, kindShift} = groups;
	const header = field(object, 0);
	const near = [
		...[2, 3, 4, 5, 6].map(index => field(thread, index)),
		...[1, 2, 3, 5].map(index => field(frame, index)),
		...[1, 2, 3, 4, 5, 9].map(index => field(code, index)),
	];

	if (!headerSizes.has(header) || near.some(offset => offset >= farthest)) {
		return undefined;
	}

	return {
		interpretersHead: field(40, 0),
		gil: {within: 'interpreter', offset: field(gil, 0)},
		hasGilSwitch: field(16, 0) !== 0,
		interpreter: {id: field(56, 0), next: field(64, 0), threadsHead: field(72, 0)},
		thread: {
			next: field(thread, 2),
			interpreter: field(thread, 3),
			id: {pthread: field(thread, 5), native: field(thread, 6)},
		},
		frame: {
			first: {offset: field(thread, 4)},
			previous: field(frame, 1),
			code: field(frame, 2),
			instruction: {offset: field(frame, 3), kind: 'pointer'},
			owner: field(frame, 5),
		},
		code: {
			filename: field(code, 1),
			name: field(code, 2),
			qualifiedName: field(code, 3),
			lineTable: field(code, 4),
			lineTableKind: 'locations',
			firstLine: field(code, 5),
			instructions: field(code, 9),
		},
		// `PyBytesObject` and `PyASCIIObject` (`bytesobject.h`, `unicodeobject.h`), by the size of what they begin with.
		bytes: {size: header, value: header + 16},
		text: {
			length: header,
			state: header + 16,
			ascii: header + 24,
			wide: header + 40,
			kindShift,
		},
	};
};
