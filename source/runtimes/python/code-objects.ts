import type {ReadMemory} from '../../procfs/memory.js';
import {findLine} from './line-table.js';
import {type ObjectTypes, pointerIn, readBytesObject, readTextObject} from './objects.js';
import type {OlderLayout} from './runtime-layout.js';
import {shortPath} from './source-path.js';

/** The code objects of one process: what a frame runs, by their addresses; each is read once. */
export type CodeObjects = {
	/**
	Function, file and line of the instruction that a frame is at, as `Producer._poll (pykafka/producer.py:312)`. `instruction` is an offset in
	bytes, or where instructions are known by their address, that. `undefined` when there's no code object at the address.
	*/
	describe(address: number, instruction: number): string | undefined;
	/** Begins a new round: objects may be others at the same address by now. */
	refresh(): void;
};

type CodeObject = {
	/** What it was read from: another object at the address has other pointers. */
	fingerprint: string;
	checkedInRound: number;
	functionName: string;
	file: string;
	firstLine: number;
	lineTable: Buffer;
	/** By offset of the instruction. */
	texts: Map<number, string>;
};

const objectsKept = 20_000;
const lineTableLimitBytes = 2 ** 20;
const nameLimitBytes = 4096;
const linesLimit = 10_000_000;

const scope = '<locals>.';

/** What stands in front is where a function was defined, not what it's called. */
const withoutScope = (qualifiedName: string): string => {
	const at = qualifiedName.lastIndexOf(scope);

	return at < 0 ? qualifiedName : qualifiedName.slice(at + scope.length);
};

/** A frame that hasn't begun stands right in front of its first instruction, of two bytes. */
const beforeFirst = -2;

export const createCodeObjects = (
	readMemory: ReadMemory,
	{code: layout, text, bytes}: Pick<OlderLayout, 'code' | 'text' | 'bytes'>,
	types: ObjectTypes,
): CodeObjects => {
	const known = new Map<number, CodeObject>();
	let round = 0;
	const headerOffset = bytes.size - 8;
	const pointers = [layout.filename, layout.name, layout.lineTable];
	const length = Math.max(...pointers, layout.qualifiedName ?? 0, layout.firstLine) + 8;

	const readName = (address: number): string | undefined =>
		text
			? readTextObject(readMemory, address, text, types.text)
			: readBytesObject(readMemory, address, bytes, types.bytes, nameLimitBytes)?.toString();

	const read = (structure: Buffer, fingerprint: string): CodeObject | undefined => {
		const name = readName(pointerIn(structure, layout.qualifiedName ?? layout.name));
		const file = readName(pointerIn(structure, layout.filename));
		const firstLine = structure.readInt32LE(layout.firstLine);
		const isPlausible =
			name !== undefined &&
			name !== '' &&
			file !== undefined &&
			firstLine >= 0 &&
			firstLine < linesLimit;

		if (!isPlausible) {
			return undefined;
		}

		const lineTable = readBytesObject(
			readMemory,
			pointerIn(structure, layout.lineTable),
			bytes,
			types.bytes,
			lineTableLimitBytes,
		);

		return (
			lineTable && {
				fingerprint,
				checkedInRound: round,
				functionName: withoutScope(name),
				file: shortPath(file),
				firstLine,
				lineTable,
				texts: new Map(),
			}
		);
	};

	const find = (address: number): CodeObject | undefined => {
		const before = known.get(address);

		if (before?.checkedInRound === round) {
			return before;
		}

		const structure = readMemory(address, length);

		if (
			!structure ||
			(types.code !== undefined && pointerIn(structure, headerOffset) !== types.code)
		) {
			known.delete(address);
			return undefined;
		}

		const fingerprint = pointers.map(offset => pointerIn(structure, offset)).join(' ');

		if (before?.fingerprint === fingerprint) {
			before.checkedInRound = round;
			return before;
		}

		const object = read(structure, fingerprint);

		if (object === undefined) {
			known.delete(address);
			return undefined;
		}

		if (known.size >= objectsKept) {
			known.clear();
		}

		known.set(address, object);
		return object;
	};

	const lineAt = ({firstLine, lineTable}: CodeObject, offset: number): number | undefined => {
		if (offset < 0) {
			// In builds without the GIL a thread may run a copy of the instructions, which lies somewhere else.
			return offset < beforeFirst ? undefined : firstLine;
		}

		return findLine(layout.lineTableKind, lineTable, firstLine, offset);
	};

	const textAt = (object: CodeObject, offset: number): string => {
		const known = object.texts.get(offset);

		if (known !== undefined) {
			return known;
		}

		const {functionName, file, texts} = object;
		const line = lineAt(object, offset);

		if (line === undefined) {
			return `${functionName} (${file})`;
		}

		const text = `${functionName} (${file}:${line})`;
		texts.set(offset, text);
		return text;
	};

	return {
		describe(address, instruction) {
			const object = find(address);

			if (object === undefined) {
				return undefined;
			}

			return textAt(
				object,
				layout.instructions === undefined
					? instruction
					: instruction - address - layout.instructions,
			);
		},
		refresh() {
			round++;
		},
	};
};
