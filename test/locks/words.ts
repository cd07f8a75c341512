import type {WordContext, WordWait} from '../../source/locks/lock-facts.js';
import {type MemoryWindow, readWindow} from '../../source/locks/memory-window.js';
import type {ReadMemory} from '../../source/procfs/memory.js';

/** Memory made of 32-bit words at an address; reads that leave it fail, as on a real process. */
export const memoryOf = (parts: Readonly<Record<number, readonly number[]>>): ReadMemory => {
	const blocks = Object.entries(parts).map(([start, words]) => {
		const bytes = Buffer.alloc(words.length * 4);
		for (const [index, word] of words.entries()) {
			bytes.writeUInt32LE(word >>> 0, index * 4);
		}

		return {start: Number(start), bytes};
	});
	return (address, length) => {
		const block = blocks.find(
			({start, bytes}) => address >= start && address + length <= start + bytes.length,
		);
		return block?.bytes.subarray(address - block.start, address - block.start + length);
	};
};

/** A word in the middle of zeroes, so that whatever lies around it is read too. */
export const around = (before: readonly number[], after: readonly number[]) => {
	const words = [...new Array(32 - before.length).fill(0), ...before, ...after];
	return [...words, ...new Array(64 - words.length).fill(0)];
};

export const blockStart = 0x10_0000;
/** Where the word after `before` lies; a multiple of 8. */
export const wordAt = blockStart + 32 * 4;

export const windowFrom =
	(readMemory: ReadMemory) =>
	(address: number): MemoryWindow | undefined =>
		readWindow(readMemory, address, {start: blockStart, end: blockStart + 64 * 4}) ?? undefined;

export const wait = (changes: Partial<WordWait> = {}): WordWait => ({
	address: wordAt,
	operation: 'WAIT',
	value: 2,
	timed: false,
	isPrivate: true,
	realtime: false,
	...changes,
});

/** A wait as glibc makes it for all but its low-level locks: the flag of the wall clock without a limit. */
export const bitsetWait = (changes: Partial<WordWait> = {}): WordWait =>
	wait({operation: 'WAIT_BITSET', realtime: true, value: 0, ...changes});

/** A process with the threads 4711 to 4719. */
export const contextOf = (
	readMemory: ReadMemory,
	changes: Partial<WordContext> = {},
): WordContext => ({
	isThread: tid => tid >= 4711 && tid < 4720,
	isAnyThread: tid => tid >= 4711 && tid < 4800,
	threadCount: 9,
	waiters: 1,
	readMemory,
	pthreadTidOffset: 720,
	isStatic: false,
	...changes,
});
