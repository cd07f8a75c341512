import type {Cursor} from './cursor.js';
import {createCursor} from './cursor.js';

/** One attribute of an entry: what it is, and in which form it stands there. */
export type AttributeShape = {
	attribute: number;
	form: number;
	/** Where the form is that it stands in the abbreviation and not in the entry. */
	value?: number;
};

/** What entries of one kind look like, see 7.5.3 of the DWARF standard. */
export type Abbreviation = {
	tag: number;
	hasChildren: boolean;
	attributes: readonly AttributeShape[];
};

export const implicitConstant = 0x21;

const readAttributes = (cursor: Cursor): readonly AttributeShape[] => {
	const attributes: AttributeShape[] = [];
	for (;;) {
		const attribute = cursor.unsigned();
		const form = cursor.unsigned();
		if (attribute === 0 && form === 0) {
			return attributes;
		}

		attributes.push(
			form === implicitConstant ? {attribute, form, value: cursor.signed()} : {attribute, form},
		);
	}
};

/** The abbreviations of a unit, by their codes; `offset` is where its table begins in `.debug_abbrev`. */
export const readAbbreviations = (
	section: Buffer,
	offset: number,
): ReadonlyMap<number, Abbreviation> => {
	const cursor = createCursor(section, offset);
	const table = new Map<number, Abbreviation>();
	for (let code = cursor.unsigned(); code !== 0; code = cursor.unsigned()) {
		const tag = cursor.unsigned();
		const hasChildren = cursor.fixed(1) === 1;
		table.set(code, {tag, hasChildren, attributes: readAttributes(cursor)});
	}

	return table;
};
