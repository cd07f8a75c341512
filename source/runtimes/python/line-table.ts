import type {LineTableKind} from './runtime-layout.js';

/** Changes of more than 127 lines or 255 bytes are written as several entries. */
const lnotabLine = (
	table: Buffer,
	firstLine: number,
	offset: number,
	readDelta: (at: number) => number,
): number => {
	let line = firstLine;
	let address = 0;

	for (let at = 0; at + 1 < table.length; at += 2) {
		address += table[at]!;

		if (address > offset) {
			break;
		}

		line += readDelta(at + 1);
	}

	return line;
};

const noLine = -128;

const linesLine = (table: Buffer, firstLine: number, offset: number): number | undefined => {
	let line = firstLine;
	let end = 0;

	for (let at = 0; at + 1 < table.length; at += 2) {
		end += table[at]!;
		const delta = table.readInt8(at + 1);
		line += delta === noLine ? 0 : delta;

		if (offset < end) {
			return delta === noLine ? undefined : line;
		}
	}

	return undefined;
};

/** Numbers are written six bits at a time, the lowest first; 0x40: more follow. */
const readNumber = (table: Buffer, from: number): number => {
	let value = 0;

	for (let at = from, shift = 0; at < table.length && shift < 30; at++, shift += 6) {
		value |= (table[at]! & 0x3f) << shift;

		if ((table[at]! & 0x40) === 0) {
			break;
		}
	}

	return value;
};

const readSigned = (table: Buffer, from: number): number => {
	const value = readNumber(table, from);

	return (value & 1) === 0 ? value >>> 1 : -(value >>> 1);
};

/** What an entry adds to the line, by its kind: the first four bits. Up to 9 columns alone; 10 to 12 this much; 13 and 14 a number. */
const lineDelta = (table: Buffer, at: number): number => {
	const kind = (table[at]! >> 3) & 0x0f;

	if (kind === 13 || kind === 14) {
		return readSigned(table, at + 1);
	}

	return kind >= 10 && kind <= 12 ? kind - 10 : 0;
};

const noLocation = 15;

/** Entries begin with a byte that has its highest bit set: kind, and how many instructions of two bytes it is for. */
const locationsLine = (table: Buffer, firstLine: number, offset: number): number | undefined => {
	let line = firstLine;
	let end = 0;

	for (let at = 0; at < table.length; at++) {
		const byte = table[at]!;

		if ((byte & 0x80) === 0) {
			continue;
		}

		line += lineDelta(table, at);
		end += ((byte & 7) + 1) * 2;

		if (offset < end) {
			return ((byte >> 3) & 0x0f) === noLocation ? undefined : line;
		}
	}

	return undefined;
};

/**
Line of the instruction at an offset, in bytes, from a code object's table: `Objects/lnotab_notes.txt` (up to 3.9, and of 3.10),
`Objects/locations.md` (from 3.11 on). `undefined` for instructions that belong to no line, or that the table doesn't reach.
*/
export const findLine = (
	kind: LineTableKind,
	table: Buffer,
	firstLine: number,
	offset: number,
): number | undefined => {
	switch (kind) {
		case 'rising-lnotab':
			return lnotabLine(table, firstLine, offset, at => table.readUInt8(at));
		case 'lnotab':
			return lnotabLine(table, firstLine, offset, at => table.readInt8(at));
		case 'lines':
			return linesLine(table, firstLine, offset);
		case 'locations':
			return locationsLine(table, firstLine, offset);
	}
};
