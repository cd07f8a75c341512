import type {ElfFile, ElfSymbolTable, ReadBytes} from './elf-file.js';
import {partBytes} from './symbol-scan.js';

const symbolSize = 24;

/** Far above the tables of the largest programs, so that a damaged header doesn't take all memory. */
const tableLimitBytes = 256 * 2 ** 20;

type Part = {offset: number; length: number};

/** One pass over a table's names and then over its symbols, part by part, so that whoever makes it decides how each part is read. */
export type NameScan = {
	/** Where the next part lies in the file, no longer than `partBytes`; undefined when all were taken. */
	next(): Part | undefined;
	/** Goes over the part that `next` told. */
	take(part: Buffer): void;
	/** Addresses as in the file; names that the table doesn't define are missing. */
	readonly found: ReadonlyMap<string, number>;
};

/** Where wanted names stand in a table of names: more than once where one is also the end of longer ones. */
const scanNames = ({namesOffset, namesSize}: ElfSymbolTable, wanted: readonly string[]) => {
	const ended = wanted.map(name => ({name, bytes: Buffer.from(`${name}\0`)}));
	// A name that one part cuts in two is whole in the next.
	const overlap = Math.max(0, ...ended.map(({bytes}) => bytes.length - 1));
	const nameAt = new Map<number, string>();
	let at = 0;
	return {
		nameAt,
		next: (): Part | undefined =>
			at < namesSize
				? {offset: namesOffset + at, length: Math.min(partBytes, namesSize - at)}
				: undefined,
		take(part: Buffer): void {
			for (const {name, bytes} of ended) {
				for (let from = part.indexOf(bytes); from >= 0; from = part.indexOf(bytes, from + 1)) {
					nameAt.set(at + from, name);
				}
			}

			at += part.length < partBytes ? partBytes : partBytes - overlap;
		},
	};
};

/** Looks for symbols of a table by their names. */
export const scanSymbolNames = (table: ElfSymbolTable, wanted: readonly string[]): NameScan => {
	const names = scanNames(table, wanted);
	const found = new Map<string, number>();
	const isTooLarge = table.size + table.namesSize > tableLimitBytes;
	let at = 0;

	const takeSymbols = (part: Buffer): void => {
		at += part.length;
		for (let each = 0; each + symbolSize <= part.length; each += symbolSize) {
			const name = names.nameAt.get(part.readUInt32LE(each));
			// Section 0: the symbol is another file's.
			if (name !== undefined && part.readUInt16LE(each + 6) !== 0 && !found.has(name)) {
				found.set(name, Number(part.readBigUInt64LE(each + 8)));
			}
		}
	};

	const nextSymbols = (): Part | undefined =>
		names.nameAt.size > 0 && at < table.size
			? {offset: table.offset + at, length: Math.min(partBytes, table.size - at)}
			: undefined;

	return {
		found,
		next: () => (isTooLarge || wanted.length === 0 ? undefined : (names.next() ?? nextSymbols())),
		take(part) {
			if (names.next() === undefined) {
				takeSymbols(part);
			} else {
				names.take(part);
			}
		},
	};
};

/**
Addresses of symbols that an ELF file defines, as in the file: add the load bias for those in memory. Exported ones are
looked for first; names that aren't there are missing from the answer. Reads the tables at once: for names that are exported, whose
tables are small; a large program's full table takes a tenth of a second, see SymbolSearch.
*/
export const findElfSymbols = (
	file: ElfFile,
	read: ReadBytes,
	names: readonly string[],
): ReadonlyMap<string, number> => {
	const found = new Map<string, number>();

	for (const table of file.symbolTables) {
		const scan = scanSymbolNames(
			table,
			names.filter(name => !found.has(name)),
		);
		for (let next = scan.next(); next; next = scan.next()) {
			const part = read(next.offset, next.length);
			if (part === undefined) {
				break;
			}

			scan.take(part);
		}

		for (const [name, address] of scan.found) {
			found.set(name, address);
		}
	}

	return found;
};
