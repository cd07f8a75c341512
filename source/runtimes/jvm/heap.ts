import {readFields} from './class-fields.js';
import type {HeapLayout} from './layout.js';
import type {Peek} from './peek.js';

/** Java objects in a process's memory. The collector may move them at any moment: whatever is read is checked for plausibility. */
export type Heap = {
	/** Address of the object that a slot outside the heap refers to; 0 for null and where it can't be read. */
	referenceAt(slot: number): number;
	/** The same for a field of an object. */
	referenceIn(object: number, offset: number): number;
	/** The object's class; 0 where it has none that can be one. */
	classOf(object: number): number;
	/** `java.util.concurrent.locks.ReentrantLock$NonfairSync`; undefined where it can't be the name of a class. */
	className(klass: number): string | undefined;
	/** Class in whose declaration a field stands, of a class or those above it, and its offset; undefined where there is none. */
	fieldOf(klass: number, declaredBy: string, field: string): number | undefined;
	text(string: number): string | undefined;
	/** Name that the JVM keeps outside the heap, at its address. */
	symbol(address: number): string | undefined;
	/** Of an object of java.lang.Class the class that it stands for. */
	representedClass(object: number): number | undefined;
};

/** Names as the JVM has them: hidden classes of lambdas have a `+` or a second `/` and an address. */
const plausibleName = /^\[*[\p{L}\p{N}_$/;.+-]+$/u;
const longestName = 1024;
const longestText = 512;
const deepestClass = 64;

/** A user-space address at a multiple of 8. */
const isAddress = (value: number): boolean => value >= 4096 && value < 2 ** 47 && value % 8 === 0;

const elementTypes: Readonly<Record<string, string>> = {
	B: 'byte',
	C: 'char',
	D: 'double',
	F: 'float',
	I: 'int',
	J: 'long',
	S: 'short',
	Z: 'boolean',
};

/** `[Ljava/lang/String;` as a programmer writes it: `java.lang.String[]`. */
export const readableClassName = (name: string): string => {
	const dimensions = /^\[*/.exec(name)![0].length;
	const element = name.slice(dimensions);
	const plain =
		dimensions === 0 ? element : (elementTypes[element] ?? element.replace(/^L(.*);$/, '$1'));
	return plain.replaceAll('/', '.') + '[]'.repeat(dimensions);
};

/** Where the four bits that tell the phase of generational ZGC begin (zAddress.hpp); the address begins above the one that is set. */
const remappedShift = 12;
const phases = [1, 2, 4, 8];

const withoutColour = (bytes: Buffer): number => {
	const raw = bytes.readBigUInt64LE(0);
	const phase = phases.indexOf(Number((raw >> BigInt(remappedShift)) & 15n));
	return phase < 0 ? 0 : Number(raw >> BigInt(remappedShift + 1 + phase));
};

export const createHeap = (peek: Peek, layout: HeapLayout): Heap => {
	const names = new Map<number, string>();
	const fields = new Map<number, ReadonlyMap<string, number>>();

	const referenceAt = (slot: number): number => {
		if (!layout.colouredReferences) {
			return peek.pointer(slot);
		}

		const bytes = peek.bytes(slot, 8);
		return bytes ? withoutColour(bytes) : 0;
	};

	const expand = (narrow: number, {base, shift}: {base: number; shift: number}): number =>
		narrow === 0 ? 0 : base + narrow * 2 ** shift;

	const classOf = (object: number): number => {
		const {narrowClasses, classInMarkShift, classOffset} = layout;
		if (!isAddress(object)) {
			return 0;
		}

		if (classInMarkShift !== undefined && narrowClasses) {
			const mark = peek.bytes(object, 8)?.readBigUInt64LE(0) ?? 0n;
			return expand(Number(mark >> BigInt(classInMarkShift)), narrowClasses);
		}

		return narrowClasses
			? expand(peek.uint32(object + classOffset), narrowClasses)
			: peek.pointer(object + classOffset);
	};

	const symbol = (address: number): string | undefined => {
		const length = isAddress(address) ? peek.uint16(address + layout.symbolLength) : 0;
		return length > 0 && length <= longestName
			? peek.bytes(address + layout.symbolBody, length)?.toString('utf8')
			: undefined;
	};

	const rawName = (klass: number): string | undefined => {
		const known = names.get(klass);
		if (known !== undefined) {
			return known;
		}

		const name = isAddress(klass) ? symbol(peek.pointer(klass + layout.className)) : undefined;
		if (name === undefined || !plausibleName.test(name)) {
			return undefined;
		}

		names.set(klass, name);
		return name;
	};

	const fieldsOf = (klass: number): ReadonlyMap<string, number> => {
		let known = fields.get(klass);
		if (!known) {
			known = layout.fields ? readFields(peek, layout.fields, klass, symbol) : new Map();
			fields.set(klass, known);
		}

		return known;
	};

	const fieldOf = (klass: number, declaredBy: string, field: string): number | undefined => {
		let each = klass;
		for (let depth = 0; depth < deepestClass && each !== 0; depth++) {
			if (rawName(each) === declaredBy) {
				return fieldsOf(each).get(field);
			}

			each = peek.pointer(each + layout.superClass);
		}

		return undefined;
	};

	const referenceIn = (object: number, offset: number): number =>
		layout.narrowReferences
			? expand(peek.uint32(object + offset), layout.narrowReferences)
			: referenceAt(object + offset);

	return {
		referenceAt,
		symbol,
		referenceIn,
		classOf,
		className(klass) {
			const name = rawName(klass);
			return name === undefined ? undefined : readableClassName(name);
		},
		fieldOf,
		text(string) {
			const klass = classOf(string);
			const value = fieldOf(klass, 'java/lang/String', 'value');
			const coder = fieldOf(klass, 'java/lang/String', 'coder');
			if (value === undefined || coder === undefined) {
				return undefined;
			}

			const array = referenceIn(string, value);
			const isWide = peek.bytes(string + coder, 1)?.[0] === 1;
			const length =
				rawName(classOf(array)) === '[B' ? peek.uint32(array + layout.arrayLengthOffset) : 0;
			return length > 0 && length <= longestText
				? peek
						.bytes(array + layout.byteArrayDataOffset, length)
						?.toString(isWide ? 'utf16le' : 'latin1')
				: undefined;
		},
		representedClass(object) {
			const {javaMirror} = layout;
			// The field is the JVM's own and in no list: the right one leads to a class whose mirror is this object.
			const bytes = javaMirror === undefined ? undefined : peek.bytes(object, 160);
			for (let at = 8; bytes && at < bytes.length; at += 8) {
				const klass = Number(bytes.readBigUInt64LE(at));
				if (
					isAddress(klass) &&
					referenceAt(peek.pointer(klass + javaMirror!)) === object &&
					rawName(klass) !== undefined
				) {
					return klass;
				}
			}

			return undefined;
		},
	};
};
