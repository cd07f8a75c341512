import {type Abbreviation, readAbbreviations} from './abbreviations.js';
import {createCursor} from './cursor.js';

/** A part of `.debug_info`: what was compiled at once, of Go a package. */
export type Unit = {
	/** Where it begins, and where the next one does. */
	start: number;
	end: number;
	/** Where its first entry begins. */
	root: number;
	abbreviations: ReadonlyMap<number, Abbreviation>;
};

/** Lengths from here on are those of 64-bit DWARF, or of none. */
const longestUnit = 0xffff_fff0;
const addressBytes = 8;
/** DW_UT_compile: version 5 has other kinds as well. */
const compileType = 1;
const lengthBytes = 4;

/** The header of the unit at `start`, without its abbreviations; undefined for the kinds of units that aren't read. */
const readHeader = (
	info: Buffer,
	start: number,
): {root: number; abbreviationsAt: number} | undefined => {
	const cursor = createCursor(info, start + lengthBytes);
	const version = cursor.fixed(2);
	if (version >= 5) {
		const type = cursor.fixed(1);
		const size = cursor.fixed(1);
		const abbreviationsAt = cursor.fixed(4);
		return version === 5 && type === compileType && size === addressBytes
			? {root: cursor.at, abbreviationsAt}
			: undefined;
	}

	const abbreviationsAt = cursor.fixed(4);
	return cursor.fixed(1) === addressBytes ? {root: cursor.at, abbreviationsAt} : undefined;
};

/** Adds the unit at `start` to those before it; where the next one begins, undefined after the last. */
const addUnit = (
	info: Buffer,
	start: number,
	units: Unit[],
	abbreviationsAt: (offset: number) => Unit['abbreviations'],
): number | undefined => {
	const length = info.readUInt32LE(start);
	const end = start + lengthBytes + length;
	if (length === 0 || length >= longestUnit || end > info.length) {
		return undefined;
	}

	const header = readHeader(info, start);
	if (header) {
		const abbreviations = abbreviationsAt(header.abbreviationsAt);
		units.push({start, end, root: header.root, abbreviations});
	}

	return end;
};

/** The compiled units of `.debug_info`, in their order, up to what is damaged. Those of one program share their abbreviations, mostly. */
export const readUnits = (info: Buffer, abbrev: Buffer): readonly Unit[] => {
	const tables = new Map<number, Unit['abbreviations']>();
	const abbreviationsAt = (offset: number): Unit['abbreviations'] => {
		const table = tables.get(offset) ?? readAbbreviations(abbrev, offset);
		tables.set(offset, table);
		return table;
	};

	const units: Unit[] = [];
	try {
		let start: number | undefined = 0;
		while (start !== undefined && start + lengthBytes < info.length) {
			start = addUnit(info, start, units, abbreviationsAt);
		}
	} catch {
		// A buffer throws where something is said to lie behind its end.
	}

	return units;
};
