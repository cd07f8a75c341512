import type {ReadMemory} from '../../procfs/memory.js';
import {readPointer, readPthreadTid} from '../pointers.js';
import {pointerIn} from './objects.js';
import type {OlderLayout} from './runtime-layout.js';

/** The kernel's id of a thread, from the id that the process itself knows it by; `undefined` when no such thread lives. */
export type TidOf = (ownTid: number) => number | undefined;

/** One thread of one interpreter, as CPython keeps it. */
export type ThreadState = {
	address: number;
	/** `undefined` when no such thread lives: its state is being made or taken away. */
	tid: number | undefined;
	/** What leads to its innermost frame; 0 while it runs no Python. */
	firstFrame: number;
};

/** One of the interpreters of a process; most have only one. */
export type InterpreterState = {address: number; id: number};

export type ThreadStates = {
	/** One thread's state; `undefined` when there's none at the address, or one of no such interpreter. */
	readOne(
		address: number,
		isInterpreter: (interpreter: number) => boolean,
	): ThreadState | undefined;
	/** All of an interpreter. */
	list(interpreter: number): readonly ThreadState[];
};

/** More than that is garbage. */
const interpretersLimit = 1000;
const threadsLimit = 20_000;

/** Interpreters of a process: the newest first, as CPython links them. */
export const listInterpreters = (
	readMemory: ReadMemory,
	{interpreter}: OlderLayout,
	first: number,
): readonly InterpreterState[] => {
	const found = new Map<number, InterpreterState>();
	let address = first;

	while (address !== 0 && !found.has(address) && found.size < interpretersLimit) {
		const id = interpreter.id === 0 ? undefined : readMemory(address + interpreter.id, 8);
		found.set(address, {address, id: id ? Number(id.readBigInt64LE(0)) : 0});
		address = readPointer(readMemory, address + interpreter.next);
	}

	return [...found.values()];
};

export const createThreadStates = (
	readMemory: ReadMemory,
	{thread, frame, interpreter: {threadsHead}}: OlderLayout,
	tidOf: TidOf,
	architecture: string,
): ThreadStates => {
	const {pthread, native} = thread.id;
	const length =
		Math.max(thread.next, thread.interpreter, pthread, native ?? 0, frame.first.offset) + 8;

	const readState = (address: number, isInterpreter: (interpreter: number) => boolean) => {
		const bytes = readMemory(address, length);

		// Each state points back at its interpreter: freed memory doesn't.
		return bytes && isInterpreter(pointerIn(bytes, thread.interpreter)) ? bytes : undefined;
	};

	/**
	Who forks without Python, as uWSGI does, leaves the old process's id in the state of the thread that goes on in the new one, while the
	C library keeps its own up to date.
	*/
	const tidIn = (bytes: Buffer): number | undefined => {
		const kept = native === undefined ? 0 : pointerIn(bytes, native);
		const tid = kept > 0 ? tidOf(kept) : undefined;
		if (tid !== undefined) {
			return tid;
		}

		const ownTid = readPthreadTid(readMemory, pointerIn(bytes, pthread), architecture);
		return ownTid > 0 ? tidOf(ownTid) : undefined;
	};

	const describe = (address: number, bytes: Buffer): ThreadState => ({
		address,
		tid: tidIn(bytes),
		firstFrame: pointerIn(bytes, frame.first.offset),
	});

	return {
		readOne(address, isInterpreter) {
			const bytes = readState(address, isInterpreter);

			return bytes && describe(address, bytes);
		},
		list(interpreter) {
			const states = new Map<number, ThreadState>();
			let address = readPointer(readMemory, interpreter + threadsHead);

			while (address !== 0 && !states.has(address) && states.size < threadsLimit) {
				const bytes = readState(address, each => each === interpreter);

				if (bytes === undefined) {
					break;
				}

				states.set(address, describe(address, bytes));
				address = pointerIn(bytes, thread.next);
			}

			return [...states.values()];
		},
	};
};
