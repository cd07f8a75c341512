import type {ReadMemory} from '../../procfs/memory.js';
import type {BytesLayout, TextLayout} from './runtime-layout.js';

/** Addresses of CPython's own types, by which an object is known for what it is; missing where their symbols are. */
export type ObjectTypes = {
	code?: number;
	text?: number;
	bytes?: number;
};

/** Where an object's type stands: behind its reference count, in builds that can run without the GIL behind more. */
const typeOffset = (size: number): number => size - 8;

/** Longest name that is believed. */
const charactersLimit = 4096;
const headLength = 80;

/** Pointer in a structure; 0 where it can't be one. */
export const pointerIn = (structure: Buffer, offset: number): number => {
	const low = structure.readUInt32LE(offset);
	const high = structure.readUInt32LE(offset + 4);

	return high > 0x7fff ? 0 : high * 2 ** 32 + low;
};

/** Content of a `bytes` object, in Python 2 of a `str`; `undefined` when it's none or longer than `limit`. */
export const readBytesObject = (
	readMemory: ReadMemory,
	address: number,
	layout: BytesLayout,
	type: number | undefined,
	limit: number,
): Buffer | undefined => {
	const head = readMemory(address, layout.value);

	if (!head || (type !== undefined && pointerIn(head, typeOffset(layout.size)) !== type)) {
		return undefined;
	}

	const size = pointerIn(head, layout.size);

	if (size === 0) {
		return Buffer.alloc(0);
	}

	return size > limit ? undefined : (readMemory(address + layout.value, size) ?? undefined);
};

/** Characters of one, two or four bytes. */
const decode = (characters: Buffer, size: number): string => {
	switch (size) {
		case 1:
			return characters.toString('latin1');
		case 2:
			return characters.toString('utf16le');
		default: {
			const points: number[] = [];

			for (let at = 0; at + 4 <= characters.length; at += 4) {
				points.push(Math.min(characters.readUInt32LE(at), 0x10ffff));
			}

			return String.fromCodePoint(...points);
		}
	}
};

/** Content of a `str` object of Python 3 (PEP 393); `undefined` when it's none. */
export const readTextObject = (
	readMemory: ReadMemory,
	address: number,
	layout: TextLayout,
	type: number | undefined,
): string | undefined => {
	const head = readMemory(address, headLength);

	if (!head || (type !== undefined && pointerIn(head, typeOffset(layout.length)) !== type)) {
		return undefined;
	}

	const length = pointerIn(head, layout.length);
	const state = head.readUInt32LE(layout.state) >>> layout.kindShift;
	const size = state & 7;
	const isCompact = (state & 8) !== 0;
	const isAscii = (state & 16) !== 0;

	if (!isCompact || ![1, 2, 4].includes(size) || length > charactersLimit) {
		return undefined;
	}

	const start = isAscii ? layout.ascii : layout.wide;
	const end = start + length * size;
	const characters =
		end <= headLength
			? head.subarray(start, end)
			: length === 0
				? Buffer.alloc(0)
				: readMemory(address + start, length * size);

	return characters ? decode(characters, size) : undefined;
};
