import path from 'node:path';
import type {Mapping} from '../procfs/maps.js';
import {debugFilePath, readBuildId} from './build-id.js';
import {type ElfFile, readElfFile} from './elf-file.js';
import {type MappedFile, openFile, openMappedFile} from './mapped-file.js';
import {type FoundSymbol, scanSymbols} from './symbol-scan.js';

/** One process's mapping of a file, by which the file is opened as that process sees it. */
export type MappedBy = {readonly pid: number; readonly mapping: Mapping};

/** A program or library as it lies on disk, known once for all processes that map it. */
export type ProgramFile = {
	/** Base name of its path. */
	readonly name: string;
	readonly elf: ElfFile;
	/** Symbols by address in the file; those asked for before without any reading. Undefined: in none. */
	symbolsAt(
		by: MappedBy,
		addresses: readonly number[],
	): ReadonlyMap<number, FoundSymbol | undefined>;
	/** Whether that was asked for before. */
	knows(address: number): boolean;
};

/** Programs and libraries by the file's identity. */
export type ProgramFiles = {
	/** The file that a process maps; undefined when it can't be opened or is no 64-bit program. */
	of(by: MappedBy): ProgramFile | undefined;
	open(by: MappedBy): MappedFile | undefined;
};

/** Addresses kept per file: beyond it, all are forgotten and found again. */
const symbolsKept = 20_000;
const filesKept = 512;

const createProgramFile = (
	procRoot: string,
	name: string,
	elf: ElfFile,
	buildId: string | undefined,
): ProgramFile => {
	const known = new Map<number, FoundSymbol | undefined>();
	const isStripped = elf.symbolTables.every(({isDynamic}) => isDynamic);

	/** In the process's own view of the file system, which may be a container's, else in ours. */
	const openDebugFile = (pid: number): MappedFile | undefined => {
		const file = isStripped && buildId !== undefined ? debugFilePath(buildId) : undefined;
		return file === undefined
			? undefined
			: (openFile(path.join(procRoot, String(pid), 'root', file)) ?? openFile(file));
	};

	const scan = (
		file: MappedFile,
		tables: ElfFile['symbolTables'],
		addresses: readonly number[],
	): void => {
		// The full table comes last: it has all that the exported one has.
		for (const table of [...tables].reverse()) {
			const missing = addresses.filter(address => known.get(address) === undefined);
			for (const [address, symbol] of scanSymbols(table, file.read, missing)) {
				known.set(address, symbol);
			}
		}
	};

	const find = (by: MappedBy, addresses: readonly number[]): void => {
		for (const address of addresses) {
			known.set(address, undefined);
		}

		const debug = openDebugFile(by.pid);
		const debugElf = debug && readElfFile(debug.read);
		if (debug && debugElf) {
			scan(debug, debugElf.symbolTables, addresses);
		}

		debug?.close();
		const file = openMappedFile(procRoot, by.pid, by.mapping);
		if (file) {
			scan(file, elf.symbolTables, addresses);
			file.close();
		}
	};

	return {
		name,
		elf,
		knows: address => known.has(address),
		symbolsAt(by, addresses) {
			const unknown = addresses.filter(address => !known.has(address));
			if (unknown.length > 0) {
				if (known.size > symbolsKept) {
					known.clear();
				}

				find(by, unknown);
			}

			return new Map(addresses.map(address => [address, known.get(address)]));
		},
	};
};

export const createProgramFiles = (procRoot: string): ProgramFiles => {
	const files = new Map<string, ProgramFile | undefined>();
	const open = ({pid, mapping}: MappedBy) => openMappedFile(procRoot, pid, mapping);

	const load = ({mapping}: MappedBy, {read}: MappedFile): ProgramFile | undefined => {
		const elf = readElfFile(read);
		return (
			elf && createProgramFile(procRoot, path.basename(mapping.path), elf, readBuildId(elf, read))
		);
	};

	return {
		open,
		of(by) {
			const opened = open(by);
			if (!opened) {
				return undefined;
			}

			try {
				if (!files.has(opened.identity)) {
					if (files.size >= filesKept) {
						files.delete(files.keys().next().value!);
					}

					files.set(opened.identity, load(by, opened));
				}

				return files.get(opened.identity);
			} finally {
				opened.close();
			}
		},
	};
};
