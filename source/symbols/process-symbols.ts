import type {Mapping} from '../procfs/maps.js';
import {loadBias, readElfFile} from './elf-file.js';
import {findElfSymbols} from './elf-symbol.js';
import {openMappedFile} from './mapped-file.js';

/** A file that a process has mapped, with some of its symbols where they lie in the process's memory. */
export type ProcessSymbols = {
	/** Address in memory minus the one in the file. */
	bias: number;
	/** The same text as long as it's the same file with the same content. */
	identity: string;
	/** Addresses in memory; names that the file doesn't define are missing. */
	addresses: ReadonlyMap<string, number>;
};

/**
Symbols of a program or library in a process's memory, by one of the file's mappings that begins where a part of the file does, such
as its first one. Reads the file's tables, some milliseconds for a large one; undefined when the file can't be read.
*/
export const findProcessSymbols = (
	procRoot: string,
	pid: number,
	mapping: Mapping,
	names: readonly string[],
): ProcessSymbols | undefined => {
	const file = openMappedFile(procRoot, pid, mapping);
	if (file === undefined) {
		return undefined;
	}

	try {
		const elf = readElfFile(file.read);
		const bias = elf && loadBias(elf, mapping);
		if (elf === undefined || bias === undefined) {
			return undefined;
		}

		const found = findElfSymbols(elf, file.read, names);
		return {
			bias,
			identity: file.identity,
			addresses: new Map([...found].map(([name, address]) => [name, bias + address])),
		};
	} finally {
		file.close();
	}
};
