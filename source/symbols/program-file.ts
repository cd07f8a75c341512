import path from 'node:path';
import type {Mapping} from '../procfs/maps.js';
import {debugFilePath, readBuildId} from './build-id.js';
import {type ElfFile, readElfFile} from './elf-file.js';
import {type MappedFile, openFile, openMappedFile} from './mapped-file.js';
import type {FoundSymbol} from './symbol-scan.js';
import type {LookUp, SymbolSearch} from './symbol-search.js';

/** One process's mapping of a file, by which the file is opened as that process sees it. */
export type MappedBy = {readonly pid: number; readonly mapping: Mapping};

/** A program or library as it lies on disk, known once for all processes that map it. */
export type ProgramFile = {
	/** Base name of its path. */
	readonly name: string;
	readonly elf: ElfFile;
	/** Symbol that an address of the file lies in; null: in none. Undefined: it was not looked for yet, see `ask`. */
	symbolAt(address: number): FoundSymbol | null | undefined;
	/** Has symbols looked for in the background, all of one moment with one pass; `symbolAt` tells them when they were found. */
	ask(by: MappedBy, address: number): void;
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
	search: SymbolSearch,
): ProgramFile => {
	const known = new Map<number, FoundSymbol | null>();
	const asked = new Set<number>();
	let isQueued = false;
	const isStripped = elf.symbolTables.every(({isDynamic}) => isDynamic);
	// The full table has all that the exported one has.
	const tables = [...elf.symbolTables].reverse();

	/** In the process's own view of the file system, which may be a container's, else in ours. */
	const openDebugFile = (pid: number): MappedFile | undefined => {
		const file = isStripped && buildId !== undefined ? debugFilePath(buildId) : undefined;
		return file === undefined
			? undefined
			: (openFile(path.join(procRoot, String(pid), 'root', file)) ?? openFile(file));
	};

	const keep = (addresses: readonly number[], found: ReadonlyMap<number, FoundSymbol>): void => {
		if (known.size > symbolsKept) {
			known.clear();
		}

		for (const address of addresses) {
			known.set(address, found.get(address) ?? null);
		}
	};

	const searchIn = async (
		opened: MappedFile,
		debug: MappedFile | undefined,
		lookUp: LookUp,
	): Promise<void> => {
		const addresses = [...asked];
		const debugTables = debug && readElfFile(debug.read)?.symbolTables;
		const inDebug = debug && debugTables ? await lookUp(debug, debugTables, addresses) : new Map();
		const missing = addresses.filter(address => !inDebug.has(address));
		const found = await lookUp(opened, tables, missing);
		keep(addresses, new Map([...inDebug, ...found]));
		for (const address of addresses) {
			asked.delete(address);
		}
	};

	const searchBy =
		({pid, mapping}: MappedBy) =>
		async (lookUp: LookUp): Promise<void> => {
			isQueued = false;
			const opened = openMappedFile(procRoot, pid, mapping);
			if (!opened) {
				// The process is gone; others may ask again.
				asked.clear();
				return;
			}

			const debug = openDebugFile(pid);
			try {
				await searchIn(opened, debug, lookUp);
			} finally {
				debug?.close();
				opened.close();
			}
		};

	return {
		name,
		elf,
		symbolAt: address => known.get(address),
		ask(by, address) {
			if (known.has(address) || asked.has(address)) {
				return;
			}

			asked.add(address);
			if (!isQueued) {
				isQueued = true;
				search.enqueue(searchBy(by));
			}
		},
	};
};

export const createProgramFiles = (procRoot: string, search: SymbolSearch): ProgramFiles => {
	const files = new Map<string, ProgramFile | undefined>();
	const open = ({pid, mapping}: MappedBy) => openMappedFile(procRoot, pid, mapping);

	const load = ({mapping}: MappedBy, {read}: MappedFile): ProgramFile | undefined => {
		const elf = readElfFile(read);
		return (
			elf &&
			createProgramFile(procRoot, path.basename(mapping.path), elf, readBuildId(elf, read), search)
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
