import {isKnown} from '../model/reading.js';
import type {ReadMemory} from '../procfs/memory.js';

/** Memory around a futex word; offsets count from the word and may be negative. Undefined: not in the window. */
export type MemoryWindow = {
	u32(offset: number): number | undefined;
	/** Exact up to 2^53; undefined for larger numbers too, as no address or counter of use is larger. */
	u64(offset: number): number | undefined;
};

/** Reaches back to the start of each structure that a word can lie in, and forward to its last field. */
const bytesBefore = 48;
const bytesAfter = 64;

/** `wordAt`: where in `bytes` the futex word is. */
export const memoryWindow = (bytes: Buffer, wordAt: number): MemoryWindow => ({
	u32(offset) {
		const at = wordAt + offset;
		return at >= 0 && at + 4 <= bytes.length ? bytes.readUInt32LE(at) : undefined;
	},
	u64(offset) {
		const at = wordAt + offset;
		if (at < 0 || at + 8 > bytes.length) {
			return undefined;
		}

		const value = Number(bytes.readBigUInt64LE(at));
		return Number.isSafeInteger(value) ? value : undefined;
	},
});

/**
Reads the memory around a word with one read, cut off at the ends of its mapping. Null when the kernel refused it, undefined
when it isn't there any more.
*/
export const readWindow = (
	readMemory: ReadMemory,
	address: number,
	mapping: {readonly start: number; readonly end: number} | undefined,
): MemoryWindow | null | undefined => {
	const start = Math.max(mapping?.start ?? address, address - bytesBefore);
	const end = Math.min(mapping?.end ?? address + bytesAfter, address + bytesAfter);
	const bytes = readMemory(start, end - start);
	return isKnown(bytes) ? memoryWindow(bytes, address - start) : bytes;
};
