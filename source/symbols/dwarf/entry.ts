import {type AttributeShape, implicitConstant} from './abbreviations.js';
import {type Cursor, createCursor} from './cursor.js';
import type {Unit} from './units.js';

/** What of one entry of `.debug_info` is asked for; what it doesn't have, or only in a way that isn't read, is missing. */
export type Entry = {
	tag: number;
	hasChildren: boolean;
	/** Where the next one begins: its first child, where it has children. */
	end: number;
	name?: string;
	/** Where the entry of its type begins. */
	type?: number;
	byteSize?: number;
	/** Where it lies in the structure that it is a member of. */
	memberOffset?: number;
	language?: number;
};

export const tags = {
	member: 0x0d,
	compileUnit: 0x11,
	structure: 0x13,
	typedef: 0x16,
	variable: 0x34,
};

/** DW_AT_name, DW_AT_byte_size, DW_AT_language, DW_AT_data_member_location, DW_AT_type. */
const attributes: ReadonlyMap<number, 'name' | 'byteSize' | 'language' | 'memberOffset' | 'type'> =
	new Map([
		[0x03, 'name'],
		[0x0b, 'byteSize'],
		[0x13, 'language'],
		[0x38, 'memberOffset'],
		[0x49, 'type'],
	]);

/** Bytes of the forms that always have as many, of 32-bit DWARF; those of numbers and references first. */
const sizes: ReadonlyMap<number, number> = new Map([
	[0x0b, 1],
	[0x05, 2],
	[0x06, 4],
	[0x07, 8],
	[0x10, 4],
	[0x11, 1],
	[0x12, 2],
	[0x13, 4],
	[0x14, 8],
	// An address, a flag, and one that is true by being there.
	[0x01, 8],
	[0x0c, 1],
	[0x19, 0],
	// Offsets in other sections and files, and a signature.
	[0x0e, 4],
	[0x17, 4],
	[0x1c, 4],
	[0x1d, 4],
	[0x1f, 4],
	[0x20, 8],
	[0x24, 8],
	[0x1e, 16],
	// Indices of texts and addresses.
	[0x25, 1],
	[0x26, 2],
	[0x27, 3],
	[0x28, 4],
	[0x29, 1],
	[0x2a, 2],
	[0x2b, 3],
	[0x2c, 4],
]);

const text = 0x08;
const signed = 0x0d;
const unsigned = 0x0f;
const unsignedReference = 0x15;
const indirect = 0x16;
/** Indices in tables: of texts, addresses, lists of places and of ranges. */
const indices: ReadonlySet<number> = new Set([0x1a, 0x1b, 0x22, 0x23]);
/** The bytes that a block's length has; 0: LEB128. */
const blocks: ReadonlyMap<number, number> = new Map([
	[0x03, 2],
	[0x04, 4],
	[0x0a, 1],
	[0x09, 0],
	[0x18, 0],
]);
/** DW_FORM_data1 to data8: numbers. DW_FORM_ref_addr counts from the section's beginning. */
const numbers: ReadonlySet<number> = new Set([0x0b, 0x05, 0x06, 0x07, 0x10]);
/** These count from the unit's beginning. */
const unitReferences: ReadonlySet<number> = new Set([0x11, 0x12, 0x13, 0x14]);

/** Reads a value or goes past it; undefined where it is no number and no text of its own. */
const readValue = (
	cursor: Cursor,
	unit: Unit,
	{form, value}: AttributeShape,
): number | string | undefined => {
	const lengthBytes = blocks.get(form);
	if (lengthBytes !== undefined) {
		const length = lengthBytes === 0 ? cursor.unsigned() : cursor.fixed(lengthBytes);
		cursor.at += length;
		return undefined;
	}

	const size = sizes.get(form);
	if (size !== undefined) {
		const isNumber = numbers.has(form);
		if (isNumber || unitReferences.has(form)) {
			return cursor.fixed(size) + (isNumber ? 0 : unit.start);
		}

		cursor.at += size;
		return undefined;
	}

	if (indices.has(form)) {
		cursor.unsigned();
		return undefined;
	}

	switch (form) {
		case text:
			return cursor.text();
		case signed:
			return cursor.signed();
		case unsigned:
			return cursor.unsigned();
		case unsignedReference:
			return cursor.unsigned() + unit.start;
		case implicitConstant:
			return value;
		case indirect:
			return readValue(cursor, unit, {attribute: 0, form: cursor.unsigned()});
		default:
			throw new RangeError(`DWARF has no form ${form}`);
	}
};

/** The entry that begins at `offset` in `.debug_info`; undefined where the end of some children stands there, or no entry at all. */
export const readEntry = (info: Buffer, unit: Unit, offset: number): Entry | undefined => {
	const cursor = createCursor(info, offset);
	const abbreviation = unit.abbreviations.get(cursor.unsigned());
	if (!abbreviation) {
		return undefined;
	}

	const found: Partial<Record<string, number | string>> = {};
	for (const shape of abbreviation.attributes) {
		const value = readValue(cursor, unit, shape);
		const key = attributes.get(shape.attribute);
		// A name is a text, all the others are numbers.
		if (key && value !== undefined && (key === 'name') === (typeof value === 'string')) {
			found[key] = value;
		}
	}

	const {tag, hasChildren} = abbreviation;
	return {...(found as Partial<Entry>), tag, hasChildren, end: cursor.at};
};
