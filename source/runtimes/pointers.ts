import type {ReadMemory} from '../procfs/memory.js';

/** Pointer at an address; 0 when it can't be read. */
export const readPointer = (readMemory: ReadMemory, address: number): number => {
	const bytes = readMemory(address, 8);

	return bytes ? Number(bytes.readBigUInt64LE(0)) : 0;
};

/** Where glibc's `struct pthread` (nptl/descr.h) keeps `tid`, by Node's name of the architecture. */
const pthreadTidOffset: Readonly<Record<string, number>> = {x64: 720, arm64: 208};

/** The kernel's id of the thread with a `pthread_t` of glibc; 0 when it can't be read. */
export const readPthreadTid = (
	readMemory: ReadMemory,
	thread: number,
	architecture: string,
): number => {
	const offset = pthreadTidOffset[architecture];
	const bytes = offset === undefined || thread === 0 ? undefined : readMemory(thread + offset, 4);

	return bytes ? bytes.readInt32LE(0) : 0;
};
