import type {ReadMemory} from '../procfs/memory.js';

/** Where `struct pthread` (src/internal/pthread_impl.h) keeps `detach_state`, which pthread_join waits on, on x86-64 and on arm64. */
const detachStateOffsets = [56, 40] as const;
const joinable = 2;

/**
Thread that a thread of a musl program waits for the end of, by the structure around the word that it waits on: its first field
points at itself, and the thread's id stands in front of the word. Undefined when it's no such wait.
*/
export const muslJoined = (
	address: number,
	value: number | undefined,
	readMemory: ReadMemory,
): number | undefined => {
	const longest = detachStateOffsets[0];
	const bytes =
		value === joinable && address % 8 === 0 ? readMemory(address - longest, longest) : undefined;
	const isJoin =
		bytes &&
		detachStateOffsets.some(
			offset => bytes.readBigUInt64LE(longest - offset) === BigInt(address - offset),
		);
	return isJoin ? bytes.readUInt32LE(longest - 8) : undefined;
};
