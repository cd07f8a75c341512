import type {ReadMemory} from '../procfs/memory.js';
import type {Classify} from './lock-facts.js';

const heapBytes = 64 * 2 ** 20;
/** Where a heap's first arena begins at the latest: behind `heap_info`. */
const headerBytes = 64;
const topOffset = 96;
const nextOffset = 2160;
const arenaLimit = 4096;
const smallestChunk = 32;
const largestChunk = 2 ** 40;

const pointerAt = (readMemory: ReadMemory, address: number): number => {
	const bytes = readMemory(address, 8);
	return bytes ? Number(bytes.readBigUInt64LE(0)) : 0;
};

/** Arenas are linked in a ring. */
const isRing = (readMemory: ReadMemory, first: number): boolean => {
	let arena = pointerAt(readMemory, first + nextOffset);
	for (let count = 0; count < arenaLimit && arena !== 0; count++) {
		if (arena === first) {
			return true;
		}

		arena = pointerAt(readMemory, arena + nextOffset);
	}

	return false;
};

/** Its topmost chunk has a size, and the flag that the chunk before it is in use. */
const hasTopChunk = (readMemory: ReadMemory, arena: number): boolean => {
	const top = pointerAt(readMemory, arena + topOffset);
	const size = top === 0 ? 0 : pointerAt(readMemory, top + 8);
	return size % 2 === 1 && size >= smallestChunk && size < largestChunk;
};

/**
An arena of glibc's malloc (`struct malloc_state` in malloc/malloc.c, 2.27 and later) begins with its lock. Those of threads lie at the start of
a heap of 64 MiB, whose first word points at them (arena.c); the main one is a variable of libc.
*/
export const mallocArena: Classify = ({operation, value, address}, _window, context) => {
	if (operation !== 'WAIT' || value !== 2) {
		return undefined;
	}

	const {readMemory, isStatic} = context;
	const heap = address - (address % heapBytes);
	const isOfThread = address - heap <= headerBytes && pointerAt(readMemory, heap) === address;
	const isMain = isStatic && hasTopChunk(readMemory, address) && isRing(readMemory, address);
	return isOfThread || isMain
		? {kind: 'arena', base: address, owner: 'none', confidence: 'certain'}
		: undefined;
};
