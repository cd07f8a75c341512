import type {ReadMemory} from '../../procfs/memory.js';
import {loadBias, readElfFile} from '../../symbols/elf-file.js';
import {findElfSymbols} from '../../symbols/elf-symbol.js';
import {openMappedFile} from '../../symbols/mapped-file.js';
import {createGilReader, type GilReader, type TidOf} from './gil-state.js';
import {createPython2GilReader} from './gil-state-2.js';
import type {PythonInterpreter} from './interpreter.js';

/** CPython's one global structure; exported by every build from 3.7 on, stripped ones too. */
const runtimeSymbol = '_PyRuntime';

/** Python 2's; the second is private, so that stripped builds don't have it. */
const currentThreadSymbol = '_PyThreadState_Current';
const interpreterLockSymbol = 'interpreter_lock';

/** Addresses of symbols in a process, from its interpreter's own file; none when that can't be read. */
const findSymbols = (
	procRoot: string,
	pid: number,
	{mapping}: PythonInterpreter,
	names: readonly string[],
): ReadonlyMap<string, number> => {
	const file = openMappedFile(procRoot, pid, mapping);

	if (file === undefined) {
		return new Map();
	}

	try {
		const elf = readElfFile(file.read);
		const bias = elf && loadBias(elf, mapping);

		return elf === undefined || bias === undefined
			? new Map()
			: new Map(
					[...findElfSymbols(elf, file.read, names)].map(([name, address]) => [
						name,
						bias + address,
					]),
				);
	} finally {
		file.close();
	}
};

/**
Finds the GIL of a running Python process: reads its interpreter's symbols once (some milliseconds), and after that only some
bytes of its memory at each `read()`. `undefined` when anything about it is in doubt; then `classifyPythonFutex` still tells who waits.
*/
export const attachToGil = (
	procRoot: string,
	pid: number,
	interpreter: PythonInterpreter,
	readMemory: ReadMemory,
	tidOf: TidOf,
): GilReader | undefined => {
	if (interpreter.version === '2.7') {
		const symbols = findSymbols(procRoot, pid, interpreter, [
			currentThreadSymbol,
			interpreterLockSymbol,
		]);
		const currentThread = symbols.get(currentThreadSymbol);

		return currentThread === undefined
			? undefined
			: createPython2GilReader(
					currentThread,
					symbols.get(interpreterLockSymbol),
					readMemory,
					tidOf,
				);
	}

	const runtime = findSymbols(procRoot, pid, interpreter, [runtimeSymbol]).get(runtimeSymbol);

	return runtime === undefined
		? undefined
		: createGilReader(interpreter, runtime, readMemory, tidOf);
};
