import type {ReadMemory} from '../../procfs/memory.js';
import {readPointer} from '../pointers.js';
import {attemptsAtHolder, type GilLook, type GilReader} from './gil-state.js';
import type {OlderLayout} from './runtime-layout.js';
import type {ThreadStates} from './thread-states.js';

/** Where Python 2.7 and 3.6 keep what they know of their GIL. */
export type OlderGilPlace = {
	/** `_PyThreadState_Current` (ceval.c), exported by every build: points at the holder's state, and at nothing while it's free. */
	currentThread: number;
	/**
	What threads sleep on that want it, known only where the interpreter has kept its private symbols: in Python 2.7 `interpreter_lock` points
	at a semaphore, in 3.6 `gil_cond` is a condition variable. Without them no word is taken for the GIL's.
	*/
	words?: {start: number; end: number};
	/** `gil_switch_number` of 3.6, private as well. 2.7 doesn't count. */
	switchNumber?: number;
};

/** Reads who holds the GIL of a running Python that has no `_PyRuntime`; `undefined` when what was read can't be true. */
export const createOlderGilReader = (
	{currentThread, words, switchNumber}: OlderGilPlace,
	{thread}: OlderLayout,
	readMemory: ReadMemory,
	states: ThreadStates,
	/** To be told of the interpreter that a holder is of: nothing else leads to it. */
	sawInterpreter: (interpreter: number) => void = () => {},
): GilReader => {
	const counted = (): Pick<GilLook, 'switchNumber'> => {
		const bytes = switchNumber === undefined ? undefined : readMemory(switchNumber, 8);

		return bytes ? {switchNumber: Number(bytes.readBigUInt64LE(0))} : {};
	};

	const read = (): GilLook | undefined => {
		for (let attempt = 0; attempt < attemptsAtHolder; attempt++) {
			const pointer = readMemory(currentThread, 8);

			if (!pointer) {
				return undefined;
			}

			const address = Number(pointer.readBigUInt64LE(0));

			if (address === 0) {
				return {holderTid: undefined, ...counted()};
			}

			const interpreter = readPointer(readMemory, address + thread.interpreter);
			const holder = states.readOne(address, each => each === interpreter && each !== 0);

			// The id counts only if the same thread still held it after that was read.
			if (holder?.tid !== undefined && readPointer(readMemory, currentThread) === address) {
				sawInterpreter(interpreter);

				return {holderTid: holder.tid, holder, ...counted()};
			}
		}

		return undefined;
	};

	return {
		read,
		knowsGilWord: words !== undefined,
		isGilWord: word => words !== undefined && word >= words.start && word < words.end,
	};
};
