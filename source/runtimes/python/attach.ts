import type {ReadMemory} from '../../procfs/memory.js';
import {type ElfFile, type ElfSymbolTable, loadBias, readElfFile} from '../../symbols/elf-file.js';
import {findElfSymbols} from '../../symbols/elf-symbol.js';
import {type MappedFile, openMappedFile} from '../../symbols/mapped-file.js';
import type {FindNames, SymbolSearch} from '../../symbols/symbol-search.js';
import type {PythonInterpreter} from './interpreter.js';
import {
	createPythonProcess,
	type PythonProcess,
	pythonSymbols,
	runtimeSymbol,
	type SymbolAddresses,
} from './python-process.js';
import type {TidOf} from './thread-states.js';

/**
Finds CPython's symbols in the files of interpreters, in the background where those are large; workers of one service have the same. Undefined as long as they
are looked for; empty where the file can't be read.
*/
export type PythonSymbols = (
	pid: number,
	interpreter: PythonInterpreter,
) => SymbolAddresses | undefined;

/** Where it is exported, everything that is needed of so new a Python is, and the full table, which may be large, is not asked. */
const findIn = async (
	file: MappedFile,
	elf: ElfFile,
	findNames: FindNames,
): Promise<ReadonlyMap<string, number>> => {
	const exported = await findNames(
		file,
		elf.symbolTables.filter(({isDynamic}) => isDynamic),
		pythonSymbols,
	);
	return exported.has(runtimeSymbol)
		? exported
		: new Map([...(await findNames(file, elf.symbolTables, pythonSymbols)), ...exported]);
};

/** Tables of so many bytes are gone over in about a millisecond: so are those of nearly all Pythons, as long as only what is exported is asked for. */
const smallTablesBytes = 512 * 1024;

/** What small tables tell at once; undefined where larger ones have to be asked. */
const findAtOnce = (file: MappedFile, elf: ElfFile): ReadonlyMap<string, number> | undefined => {
	const isSmall = ({size, namesSize}: ElfSymbolTable): boolean =>
		size + namesSize <= smallTablesBytes;
	const small = elf.symbolTables.filter(isSmall);
	const exported = small.filter(({isDynamic}) => isDynamic);
	const found = findElfSymbols({...elf, symbolTables: exported}, file.read, pythonSymbols);
	if (found.has(runtimeSymbol)) {
		return found;
	}

	return small.length === elf.symbolTables.length
		? findElfSymbols(elf, file.read, pythonSymbols)
		: undefined;
};

/** Keeps what it found in each file. */
export const createPythonSymbols = (procRoot: string, search: SymbolSearch): PythonSymbols => {
	const known = new Map<string, ReadonlyMap<string, number>>();
	const searched = new Set<string>();

	const ask = (identity: string, pid: number, {mapping}: PythonInterpreter): void => {
		if (searched.has(identity)) {
			return;
		}

		searched.add(identity);
		search.enqueue(async (_, findNames) => {
			// When the process is gone, another one may ask again.
			searched.delete(identity);
			const file = openMappedFile(procRoot, pid, mapping);
			try {
				const elf = file && readElfFile(file.read);
				if (file && elf) {
					known.set(file.identity, await findIn(file, elf, findNames));
				}
			} finally {
				file?.close();
			}
		});
	};

	const symbolsOf = (
		file: MappedFile,
		pid: number,
		interpreter: PythonInterpreter,
	): SymbolAddresses | undefined => {
		const elf = readElfFile(file.read);
		const bias = elf && loadBias(elf, interpreter.mapping);
		if (elf === undefined || bias === undefined) {
			return new Map();
		}

		const inFile =
			known.get(file.identity) ?? (searched.has(file.identity) ? undefined : findAtOnce(file, elf));
		if (inFile === undefined) {
			ask(file.identity, pid, interpreter);
			return undefined;
		}

		known.set(file.identity, inFile);
		return new Map([...inFile].map(([name, address]) => [name, bias + address]));
	};

	return (pid, interpreter) => {
		const file = openMappedFile(procRoot, pid, interpreter.mapping);
		try {
			return file ? symbolsOf(file, pid, interpreter) : new Map();
		} finally {
			file?.close();
		}
	};
};

/**
Finds the GIL and the threads of a running Python process by its interpreter's symbols, and after that reads only its memory.
`undefined` when anything about it is in doubt; then `classifyPythonFutex` still tells who waits for the GIL.
*/
export const attachToPython = (
	interpreter: PythonInterpreter,
	symbols: SymbolAddresses,
	readMemory: ReadMemory,
	tidOf: TidOf,
): PythonProcess | undefined =>
	createPythonProcess({interpreter, symbols, readMemory, tidOf, architecture: process.arch});
