import type {FieldsLayout} from './layout.js';
import type {Peek} from './peek.js';
import {createUnsigned5} from './unsigned5.js';

/** A field as a class lists it: an index of its name in the class's constants, and where it lies in an object. */
export type ListedField = {nameIndex: number; offset: number};

/** Far above any real class. */
const mostFields = 4096;

/** Six numbers of 16 bits a field: flags, name, type, first value, and the offset in two halves above two bits of tag. */
const slotsPerField = 6;
const tagBits = 2;

/** Fields of a class up to JDK 20, from its table. */
export const parseFieldTable = (table: Buffer, count: number): readonly ListedField[] => {
	const fields: ListedField[] = [];
	for (let index = 0; index < count && (index + 1) * slotsPerField * 2 <= table.length; index++) {
		const at = index * slotsPerField * 2;
		const packed = table.readUInt16LE(at + 8) + table.readUInt16LE(at + 10) * 2 ** 16;
		fields.push({
			nameIndex: table.readUInt16LE(at + 2),
			offset: Math.floor(packed / 2 ** tagBits),
		});
	}

	return fields;
};

/** Bits of a field's flags that tell what else follows; bit 1 marks fields that the JVM itself added, whose names lie elsewhere. */
const hasMore = [1 << 0, 1 << 2, 1 << 4];
const injected = 1 << 1;

/** Fields of a class from JDK 21 on, packed. */
export const parseFieldStream = (stream: Buffer): readonly ListedField[] => {
	const {unsigned: next} = createUnsigned5(stream, 1);
	const count = next() + next();
	const fields: ListedField[] = [];
	for (let index = 0; index < Math.min(count, mostFields); index++) {
		const nameIndex = next();
		next();
		const offset = next();
		next();
		const flags = next();
		for (const bit of hasMore) {
			if ((flags & bit) !== 0) {
				next();
			}
		}

		if ((flags & injected) === 0) {
			fields.push({nameIndex, offset});
		}
	}

	return fields;
};

/** Array<T> in metaspace: a length of 4 bytes, then the elements. */
const arrayHeader = 4;
const longestArray = 2 ** 16;

/** Fields that a class itself declares, by name; `symbolAt` reads a name by its address. */
export const readFields = (
	peek: Peek,
	layout: FieldsLayout,
	klass: number,
	symbolAt: (address: number) => string | undefined,
): ReadonlyMap<string, number> => {
	const found = new Map<string, number>();
	const array = peek.pointer(klass + layout.list);
	const constants = peek.pointer(klass + layout.constants);
	const length = peek.uint32(array);
	const constantCount = peek.uint32(constants + layout.constantsLength);
	if (array === 0 || constants === 0 || length === 0 || length > longestArray) {
		return found;
	}

	const bytes = peek.bytes(array + arrayHeader, layout.packed ? length : length * 2);
	const listed =
		bytes &&
		(layout.packed
			? parseFieldStream(bytes)
			: parseFieldTable(bytes, peek.uint16(klass + layout.count)));
	for (const {nameIndex, offset} of listed ?? []) {
		if (nameIndex > 0 && nameIndex < constantCount) {
			const name = symbolAt(peek.pointer(constants + layout.constantsBase + nameIndex * 8));
			if (name !== undefined) {
				found.set(name, offset);
			}
		}
	}

	return found;
};
