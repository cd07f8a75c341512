import type {ReadMemory} from '../../procfs/memory.js';
import type {GilReader, GilState, TidOf} from './gil-state.js';
import {readPointer, readPthreadTid} from './pointers.js';

/** `thread_id` in Python 2.7's `PyThreadState` (pystate.h), a `pthread_t`. */
const threadIdOffset = 144;
const attempts = 3;

/**
Reads who holds the GIL of a running Python 2.7: `_PyThreadState_Current` (ceval.c) points at the holder's state, and at nothing while it's
free. `interpreter_lock`, which points at the semaphore itself, is known only where the interpreter has kept its private symbols;
without it no word is taken for the GIL's. This version counts no hand-offs. `undefined` when what was read can't be true.
*/
export const createPython2GilReader = (
	currentThreadAddress: number,
	interpreterLockAddress: number | undefined,
	readMemory: ReadMemory,
	tidOf: TidOf,
	architecture: string = process.arch,
): GilReader => {
	const semaphore =
		interpreterLockAddress === undefined ? 0 : readPointer(readMemory, interpreterLockAddress);

	const read = (): GilState | undefined => {
		for (let attempt = 0; attempt < attempts; attempt++) {
			const pointer = readMemory(currentThreadAddress, 8);

			if (!pointer) {
				return undefined;
			}

			const state = Number(pointer.readBigUInt64LE(0));

			if (state === 0) {
				return {holderTid: undefined};
			}

			const thread = readPointer(readMemory, state + threadIdOffset);
			const holderTid = tidOf(readPthreadTid(readMemory, thread, architecture));

			// The id counts only if the same thread still held it after that was read.
			if (holderTid !== undefined && readPointer(readMemory, currentThreadAddress) === state) {
				return {holderTid};
			}
		}

		return undefined;
	};

	const knowsGilWord = semaphore !== 0;

	return {read, knowsGilWord, isGilWord: address => knowsGilWord && address === semaphore};
};
