import type {ReadMemory} from '../../procfs/memory.js';
import type {ThreadState, ThreadStates} from './thread-states.js';

/** What CPython itself keeps about its GIL. */
export type GilState = {
	/** Thread that holds it; `undefined` when it was free at that moment. */
	holderTid: number | undefined;
	/** How often it went to another thread, since the start; missing in Python 2 and where it's kept privately. */
	switchNumber?: number;
	/** How long a thread waits before it asks the holder to let go; missing in Python 2, where it never asks. */
	switchIntervalMilliseconds?: number;
};

/** One look at who holds it. */
export type GilLook = GilState & {
	/** The holder's state, which leads to its frames. */
	holder?: ThreadState;
};

export type GilReader = {
	/** State at this moment; `undefined` when what was read can't be true, or is gone. */
	read: () => GilLook | undefined;
	/** Whether it's known which word that is: not in a Python 2 without its private symbols. */
	knowsGilWord: boolean;
	/** Whether a futex word is what threads sleep on that want the GIL. */
	isGilWord: (address: number) => boolean;
};

/**
`struct _gil_runtime_state` of 3.7 to 3.14 (`pycore_gil.h`): interval in microseconds, last holder, whether it's locked (-1: not yet made), how
often it was handed over, then the condition variable and its mutex. Builds that can run without it have a switch in front.
*/
const gilSize = 32;
const conditionOffset = 32;
const mutexOffset = 80;
const switchSize = 8;
const intervalLimitMicroseconds = 10_000_000;

/** Where it goes around 100,000 times a second, half of the readings of a holder are out of date before they are done. */
export const attemptsAtHolder = 16;

type RawGil = {
	isEnabled: boolean;
	intervalMicroseconds: number;
	lastHolder: number;
	isLocked: boolean;
	switchNumber: number;
};

const readGil = (
	readMemory: ReadMemory,
	address: number,
	hasSwitch: boolean,
): RawGil | undefined => {
	const start = hasSwitch ? switchSize : 0;
	const bytes = readMemory(address, start + gilSize);

	if (!bytes) {
		return undefined;
	}

	const intervalMicroseconds = Number(bytes.readBigUInt64LE(start));
	const locked = bytes.readInt32LE(start + 16);
	const enabled = hasSwitch ? bytes.readInt32LE(0) : 1;
	const isPlausible =
		intervalMicroseconds >= 1 &&
		intervalMicroseconds <= intervalLimitMicroseconds &&
		(locked === 0 || locked === 1 || (locked === -1 && enabled === 0)) &&
		enabled >= 0;

	return isPlausible
		? {
				isEnabled: enabled !== 0,
				intervalMicroseconds,
				lastHolder: Number(bytes.readBigUInt64LE(start + 8)),
				isLocked: locked === 1,
				switchNumber: Number(bytes.readBigUInt64LE(start + 24)),
			}
		: undefined;
};

/** Whether a build that can run without the GIL does so; `undefined` when that can't be read. */
export const isGilEnabled = (readMemory: ReadMemory, address: number): boolean | undefined =>
	readGil(readMemory, address, true)?.isEnabled;

export type GilPlace = {
	/** Where it lies. */
	gil: number;
	/** Whether it is for an interpreter: some share one. */
	isInterpreter: (interpreter: number) => boolean;
	hasSwitch: boolean;
};

/**
Reads the state of a running interpreter's GIL from its memory, with two or three small reads and without stopping it. A holder counts only
if it's a living thread of one of its interpreters and still held it after that was read.
*/
export const createGilReader = (
	{gil: address, isInterpreter, hasSwitch}: GilPlace,
	readMemory: ReadMemory,
	states: ThreadStates,
): GilReader => {
	const readHolder = (gil: RawGil): ThreadState | undefined => {
		const state = states.readOne(gil.lastHolder, isInterpreter);
		const after = readGil(readMemory, address, hasSwitch);

		return after?.isLocked === true && after.lastHolder === gil.lastHolder ? state : undefined;
	};

	const read = (): GilLook | undefined => {
		for (let attempt = 0; attempt < attemptsAtHolder; attempt++) {
			const gil = readGil(readMemory, address, hasSwitch);

			if (gil === undefined) {
				return undefined;
			}

			const holder = gil.isLocked ? readHolder(gil) : undefined;

			if (!gil.isLocked || holder?.tid !== undefined) {
				return {
					holderTid: holder?.tid,
					...(holder && {holder}),
					switchNumber: gil.switchNumber,
					switchIntervalMilliseconds: gil.intervalMicroseconds / 1000,
				};
			}
		}

		return undefined;
	};

	const start = address + (hasSwitch ? switchSize : 0);

	return {
		read,
		knowsGilWord: true,
		isGilWord: word => word >= start + conditionOffset && word < start + mutexOffset,
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
