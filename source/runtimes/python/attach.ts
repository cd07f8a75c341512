import type {ReadMemory} from '../../procfs/memory.js';
import {loadBias, readElfFile} from '../../symbols/elf-file.js';
import {findElfSymbols} from '../../symbols/elf-symbol.js';
import {openMappedFile} from '../../symbols/mapped-file.js';
import type {PythonInterpreter} from './interpreter.js';
import {
	createPythonProcess,
	type PythonProcess,
	pythonSymbols,
	type SymbolAddresses,
} from './python-process.js';
import type {TidOf} from './thread-states.js';

/** Finds CPython's symbols in the files of interpreters; workers of one service have the same. */
export type PythonSymbols = (
	procRoot: string,
	pid: number,
	interpreter: PythonInterpreter,
) => SymbolAddresses;

/** Keeps what it found in each file, which takes some milliseconds. */
export const createPythonSymbols = (): PythonSymbols => {
	const known = new Map<string, ReadonlyMap<string, number>>();

	return (procRoot, pid, {mapping}) => {
		const file = openMappedFile(procRoot, pid, mapping);

		if (file === undefined) {
			return new Map();
		}

		try {
			const elf = readElfFile(file.read);
			const bias = elf && loadBias(elf, mapping);

			if (elf === undefined || bias === undefined) {
				return new Map();
			}

			const inFile = known.get(file.identity) ?? findElfSymbols(elf, file.read, pythonSymbols);
			known.set(file.identity, inFile);

			return new Map([...inFile].map(([name, address]) => [name, bias + address]));
		} finally {
			file.close();
		}
	};
};

/**
Finds the GIL and the threads of a running Python process: looks up its interpreter's symbols once, and after that reads only its memory.
`undefined` when anything about it is in doubt; then `classifyPythonFutex` still tells who waits for the GIL.
*/
export const attachToPython = (
	procRoot: string,
	pid: number,
	interpreter: PythonInterpreter,
	readMemory: ReadMemory,
	tidOf: TidOf,
	symbolsOf: PythonSymbols = createPythonSymbols(),
): PythonProcess | undefined =>
	createPythonProcess({
		interpreter,
		symbols: symbolsOf(procRoot, pid, interpreter),
		readMemory,
		tidOf,
		architecture: process.arch,
	});
