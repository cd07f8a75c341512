import type {MethodLayout} from './code-layout.js';
import type {Heap} from './heap.js';
import {lineAt} from './line-numbers.js';
import type {Peek} from './peek.js';

/** Names Java methods and the lines in them by the JVM's own records, which it may replace at any time. */
export type Methods = {
	/**
	`shop.Orders.take (Orders.java:79)`; without a line where `instruction`, an index in the bytecode, is unknown or the class was compiled
	without. Undefined where there is no method.
	*/
	describe(method: number, instruction: number | undefined): string | undefined;
	/** The same by the first of these numbers that is the address of one of its instructions. */
	describeAt(method: number, addresses: readonly number[]): string | undefined;
};

type Known = {
	/** The JVM's record as it was: the same bytes tell the same method. */
	record: number;
	header: Buffer;
	checkedAt: number;
	/** `shop.Orders.take`. */
	name: string;
	/** `Orders.java`; empty for classes made at run time. */
	file: string;
	codeSize: number;
	lines: Buffer | undefined;
	/** Told before, by instruction; -1 where that is unknown. */
	texts: Map<number, string>;
};

const plausibleName = /^(?:<init>|<clinit>|[^\p{C}.;[/<>]+)$/u;
const plausibleFile = /^[^\p{C}/]+$/u;
/** Address at the end of the names of classes that were made at run time. */
const hiddenAddress = /[+/.]0x[\da-f]+$/;
const hasLines = 1;
const longestTable = 65_536;
const mostKnown = 4096;
/** Classes are unloaded and replaced, but hardly ever: all threads of a tick, which share most frames, are told by one look. */
const millisecondsTrusted = 500;

export const createMethods = (peek: Peek, heap: Heap, layout: MethodLayout): Methods => {
	const known = new Map<number, Known>();

	const constant = (constants: number, index: number): string | undefined =>
		index > 0 && index < peek.uint32(constants + layout.constantsLength)
			? heap.symbol(peek.pointer(constants + layout.constantsSize + index * 8))
			: undefined;

	const fileOf = (constants: number, holder: number): string => {
		const {sourceFile} = layout;
		const index = sourceFile
			? peek.uint16((sourceFile.of === 'class' ? holder : constants) + sourceFile.at)
			: 0;
		const file = constant(constants, index) ?? '';
		return plausibleFile.test(file) ? file : '';
	};

	const readLines = (record: number, header: Buffer, codeSize: number): Buffer | undefined => {
		const start = layout.constMethodSize + codeSize;
		const length = header.readInt32LE(layout.totalWords) * 8 - start;
		return (header[layout.flags]! & hasLines) !== 0 && length > 0
			? peek.bytes(record + start, Math.min(length, longestTable))
			: undefined;
	};

	const read = (record: number, header: Buffer): Known | undefined => {
		const constants = Number(header.readBigUInt64LE(layout.constants));
		const holder = peek.pointer(constants + layout.holder);
		const className = heap.className(holder);
		const method = constant(constants, header.readUInt16LE(layout.nameIndex));
		if (className === undefined || method === undefined || !plausibleName.test(method)) {
			return undefined;
		}

		const codeSize = header.readUInt16LE(layout.codeSize);
		return {
			record,
			header,
			checkedAt: 0,
			name: `${className.replace(hiddenAddress, '')}.${method}`,
			file: fileOf(constants, holder),
			codeSize,
			lines: readLines(record, header, codeSize),
			texts: new Map(),
		};
	};

	const isAddress = (value: number): boolean => value >= 4096 && value % 8 === 0;

	/** The method as it is now, or undefined where there is none. */
	const check = (method: number, before: Known | undefined): Known | undefined => {
		const record = isAddress(method) ? peek.pointer(method + layout.constMethod) : 0;
		const header = isAddress(record) ? peek.bytes(record, layout.constMethodSize) : undefined;
		const isSame = header && before?.record === record && before.header.equals(header);
		return isSame ? before : header && read(record, header);
	};

	const methodAt = (method: number): Known | undefined => {
		const before = known.get(method);
		const now = performance.now();
		if (before && now - before.checkedAt < millisecondsTrusted) {
			return before;
		}

		const found = check(method, before);
		if (!found) {
			known.delete(method);
			return undefined;
		}

		if (!before && known.size >= mostKnown) {
			known.clear();
		}

		found.checkedAt = now;
		known.set(method, found);
		return found;
	};

	/** `instruction` is -1 where it is unknown. */
	const textOf = ({name, file, lines, texts}: Known, instruction: number): string => {
		let text = texts.get(instruction);
		if (text === undefined) {
			const line =
				lines && file !== '' && instruction >= 0
					? lineAt(lines, instruction, layout.excluded)
					: undefined;
			text = `${name} (${file}${line === undefined ? '' : `:${line}`})`;
			texts.set(instruction, text);
		}

		return text;
	};

	return {
		describe(method, instruction = -1) {
			const found = methodAt(method);
			return found && textOf(found, instruction < found.codeSize ? instruction : -1);
		},
		describeAt(method, addresses) {
			const found = methodAt(method);
			if (!found) {
				return undefined;
			}

			const start = found.record + layout.constMethodSize;
			const instruction = addresses
				.map(address => address - start)
				.find(index => index >= 0 && index < found.codeSize);
			return textOf(found, instruction ?? -1);
		},
	};
};
