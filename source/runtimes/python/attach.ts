import type {ReadMemory} from '../../procfs/memory.js';
import {loadBias, readElfFile} from '../../symbols/elf-file.js';
import {findElfSymbols} from '../../symbols/elf-symbol.js';
import {openMappedFile} from '../../symbols/mapped-file.js';
import {createGilReader, type GilReader, type TidOf} from './gil-state.js';
import type {PythonInterpreter} from './interpreter.js';

/** CPython's one global structure; exported by every build from 3.7 on, stripped ones too. */
const runtimeSymbol = '_PyRuntime';

/** Address of `_PyRuntime` in a process, from its interpreter's own file; `undefined` when that can't be read or has none. */
const findRuntime = (
	procRoot: string,
	pid: number,
	{mapping}: PythonInterpreter,
): number | undefined => {
	const file = openMappedFile(procRoot, pid, mapping);

	if (file === undefined) {
		return undefined;
	}

	try {
		const elf = readElfFile(file.read);
		const bias = elf && loadBias(elf, mapping);
		const symbol = elf && findElfSymbols(elf, file.read, [runtimeSymbol]).get(runtimeSymbol);

		return bias === undefined || symbol === undefined ? undefined : bias + symbol;
	} finally {
		file.close();
	}
};

/**
Finds the GIL of a running Python process: reads its interpreter's symbols once (a millisecond or so), and after that only some
bytes of its memory at each `read()`. `undefined` when anything about it is in doubt; then `classifyPythonFutex` still tells who waits.
*/
export const attachToGil = (
	procRoot: string,
	pid: number,
	interpreter: PythonInterpreter,
	readMemory: ReadMemory,
	tidOf: TidOf,
): GilReader | undefined => {
	const runtimeAddress =
		interpreter.major === 3 ? findRuntime(procRoot, pid, interpreter) : undefined;

	return runtimeAddress === undefined
		? undefined
		: createGilReader(interpreter, runtimeAddress, readMemory, tidOf);
};
