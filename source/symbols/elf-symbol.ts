import type {ElfFile, ElfSymbolTable, ReadBytes} from './elf-file.js';

const symbolSize = 24;

/** Far above the tables of the largest programs, so that a damaged header doesn't take all memory. */
const tableLimitBytes = 256 * 2 ** 20;

const nameMatches = (names: Buffer, at: number, name: Buffer): boolean =>
	names[at + name.length] === 0 && names.compare(name, 0, name.length, at, at + name.length) === 0;

const findIn = (
	table: ElfSymbolTable,
	read: ReadBytes,
	wanted: Map<string, Buffer>,
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

	for (let at = 0; at + symbolSize <= symbols.length; at += symbolSize) {
		const section = symbols.readUInt16LE(at + 6);

		// Section 0: the symbol is another file's.
		if (section === 0) {
			continue;
		}

		for (const [name, bytes] of wanted) {
			const nameAt = symbols.readUInt32LE(at);

			if (nameAt + bytes.length < names.length && nameMatches(names, nameAt, bytes)) {
				found.set(name, Number(symbols.readBigUInt64LE(at + 8)));
				wanted.delete(name);
			}
		}

		if (wanted.size === 0) {
			return;
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
	const wanted = new Map(names.map(name => [name, Buffer.from(name)]));
	const found = new Map<string, number>();

	for (const table of file.symbolTables) {
		if (wanted.size > 0) {
			findIn(table, read, wanted, found);
		}
	}

	return found;
};
