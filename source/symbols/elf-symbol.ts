import type {ElfFile, ElfSymbolTable, ReadBytes} from './elf-file.js';

const symbolSize = 24;

/** Far above the tables of the largest programs, so that a damaged header doesn't take all memory. */
const tableLimitBytes = 256 * 2 ** 20;

/** Where a name stands in a table of names: more than once where it is also the end of longer ones. */
const positionsOf = (names: Buffer, name: string): number[] => {
	const ended = `${name}\0`;
	const positions: number[] = [];

	for (let at = names.indexOf(ended); at >= 0; at = names.indexOf(ended, at + 1)) {
		positions.push(at);
	}

	return positions;
};

const findIn = (
	table: ElfSymbolTable,
	read: ReadBytes,
	wanted: readonly string[],
	found: Map<string, number>,
): void => {
	if (table.size + table.namesSize > tableLimitBytes) {
		return;
	}

	const symbols = read(table.offset, table.size);
	const names = read(table.namesOffset, table.namesSize);

	if (symbols === undefined || names === undefined) {
		return;
	}

	const nameAt = new Map(
		wanted.flatMap(name => positionsOf(names, name).map(position => [position, name] as const)),
	);

	if (nameAt.size === 0) {
		return;
	}

	for (let at = 0; at + symbolSize <= symbols.length; at += symbolSize) {
		const name = nameAt.get(symbols.readUInt32LE(at));

		// Section 0: the symbol is another file's.
		if (name !== undefined && symbols.readUInt16LE(at + 6) !== 0 && !found.has(name)) {
			found.set(name, Number(symbols.readBigUInt64LE(at + 8)));
		}
	}
};

/**
Addresses of symbols that an ELF file defines, as in the file: add the load bias for those in memory. Exported ones are
looked for first; names that aren't there are missing from the answer.
*/
export const findElfSymbols = (
	file: ElfFile,
	read: ReadBytes,
	names: readonly string[],
): ReadonlyMap<string, number> => {
	const found = new Map<string, number>();

	for (const table of file.symbolTables) {
		const wanted = names.filter(name => !found.has(name));

		if (wanted.length > 0) {
			findIn(table, read, wanted, found);
		}
	}

	return found;
};
