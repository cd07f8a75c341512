import type {ReadMemory} from '../../procfs/memory.js';
import type {PythonInterpreter} from './interpreter.js';
import {readPointer, readPthreadTid} from './pointers.js';
import {type RuntimeLayout, readRuntimeLayout} from './runtime-layout.js';

/** What CPython itself keeps about its GIL. */
export type GilState = {
	/** Thread that holds it; `undefined` when it was free at that moment. */
	holderTid: number | undefined;
	/** How often it went to another thread, since the start; missing in Python 2, which doesn't count. */
	switchNumber?: number;
	/** How long a thread waits before it asks the holder to let go; missing in Python 2, where it never asks. */
	switchIntervalMilliseconds?: number;
};

export type GilReader = {
	/** State at this moment; `undefined` when what was read can't be true, or is gone. */
	read: () => GilState | undefined;
	/** Whether it's known which word that is: not in a Python 2 without its private symbols. */
	knowsGilWord: boolean;
	/** Whether a futex word is what threads sleep on that want the GIL. */
	isGilWord: (address: number) => boolean;
};

/** The kernel's id of a thread, from the id that the process itself knows it by; `undefined` when no such thread lives. */
export type TidOf = (ownTid: number) => number | undefined;

/**
`struct _gil_runtime_state` of 3.7 to 3.14 (`pycore_gil.h`): interval in microseconds, last holder, whether it's locked (-1: not yet made), how
often it was handed over, then the condition variable and its mutex.
*/
const gilSize = 32;
const conditionOffset = 32;
const mutexOffset = 80;
const intervalLimitMicroseconds = 10_000_000;

/** Threads that one interpreter may have before its list is taken for garbage. */
const threadLimit = 20_000;
const attempts = 3;

type RawGil = {
	intervalMicroseconds: number;
	lastHolder: number;
	isLocked: boolean;
	switchNumber: number;
};

type Located = {
	gil: number;
	interpreter: number;
	layout: RuntimeLayout;
};

const readGil = (readMemory: ReadMemory, address: number): RawGil | undefined => {
	const bytes = readMemory(address, gilSize);

	if (!bytes) {
		return undefined;
	}

	const intervalMicroseconds = Number(bytes.readBigUInt64LE(0));
	const locked = bytes.readInt32LE(16);
	const isPlausible =
		intervalMicroseconds >= 1 &&
		intervalMicroseconds <= intervalLimitMicroseconds &&
		(locked === 0 || locked === 1);

	return isPlausible
		? {
				intervalMicroseconds,
				lastHolder: Number(bytes.readBigUInt64LE(8)),
				isLocked: locked === 1,
				switchNumber: Number(bytes.readBigUInt64LE(24)),
			}
		: undefined;
};

const readThreadId = (
	readMemory: ReadMemory,
	{threadId}: RuntimeLayout,
	threadState: number,
	architecture: string,
): number => {
	const id = readPointer(readMemory, threadState + threadId.offset);

	return threadId.kind === 'native' ? id : readPthreadTid(readMemory, id, architecture);
};

const listThreadStates = (readMemory: ReadMemory, {interpreter, layout}: Located): Set<number> => {
	const states = new Set<number>();
	let state = readPointer(readMemory, interpreter + layout.threadsHead);

	while (state !== 0 && !states.has(state) && states.size < threadLimit) {
		states.add(state);
		state = readPointer(readMemory, state + layout.next);
	}

	return states;
};

const locate = (
	readMemory: ReadMemory,
	runtimeAddress: number,
	layout: RuntimeLayout,
): Located | undefined => {
	const interpreter = readPointer(readMemory, runtimeAddress + layout.interpretersHead);
	const gil =
		layout.gil.within === 'runtime'
			? runtimeAddress + layout.gil.offset
			: readPointer(readMemory, interpreter + layout.gil.offset);

	return interpreter === 0 || gil === 0 ? undefined : {gil, interpreter, layout};
};

/**
Reads the state of a running interpreter's GIL from its memory, with some small reads and without stopping it.

`undefined` when this isn't a version whose structures are known, or when they don't hold what they must: a believable switch
interval, and a list of threads that are all alive, the holder among them. Interpreters other than the main one have a GIL of
their own since 3.12, which isn't looked at.
*/
export const createGilReader = (
	interpreter: PythonInterpreter,
	runtimeAddress: number,
	readMemory: ReadMemory,
	tidOf: TidOf,
	architecture: string = process.arch,
): GilReader | undefined => {
	const layout = readRuntimeLayout(interpreter, runtimeAddress, readMemory);
	const located = layout && locate(readMemory, runtimeAddress, layout);

	if (located === undefined) {
		return undefined;
	}

	const threadTid = (state: number): number | undefined =>
		tidOf(readThreadId(readMemory, located.layout, state, architecture));
	const states = listThreadStates(readMemory, located);

	// Threads begin and end while we look; were the offsets wrong, none would be found alive.
	const living = [...states].filter(state => threadTid(state) !== undefined);

	if (readGil(readMemory, located.gil) === undefined || living.length * 2 <= states.size) {
		return undefined;
	}

	const known = new Set(living);

	const isThreadState = (state: number): boolean => {
		if (!known.has(state)) {
			known.clear();

			for (const listed of listThreadStates(readMemory, located)) {
				known.add(listed);
			}
		}

		return known.has(state);
	};

	/** The holder's id counts only if the same thread still held it after that was read. */
	const readHolder = (gil: RawGil): number | undefined => {
		const tid = isThreadState(gil.lastHolder) ? threadTid(gil.lastHolder) : undefined;
		const after = readGil(readMemory, located.gil);

		return after?.isLocked === true && after.lastHolder === gil.lastHolder ? tid : undefined;
	};

	const read = (): GilState | undefined => {
		for (let attempt = 0; attempt < attempts; attempt++) {
			const gil = readGil(readMemory, located.gil);

			if (gil === undefined) {
				return undefined;
			}

			const holderTid = gil.isLocked ? readHolder(gil) : undefined;

			if (!gil.isLocked || holderTid !== undefined) {
				return {
					holderTid,
					switchNumber: gil.switchNumber,
					switchIntervalMilliseconds: gil.intervalMicroseconds / 1000,
				};
			}
		}

		return undefined;
	};

	return {
		read,
		knowsGilWord: true,
		isGilWord: address =>
			address >= located.gil + conditionOffset && address < located.gil + mutexOffset,
	};
};

/** How often a second it went to another thread, between two readings. */
export const handOffsPerSecond = (
	before: GilState,
	after: GilState,
	seconds: number,
): number | undefined => {
	if (before.switchNumber === undefined || after.switchNumber === undefined || seconds <= 0) {
		return undefined;
	}

	const handOffs = after.switchNumber - before.switchNumber;

	return handOffs >= 0 ? handOffs / seconds : undefined;
};
