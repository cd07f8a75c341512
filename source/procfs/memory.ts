import {closeSync, openSync, readSync} from 'node:fs';
import {join} from 'node:path';
import type {Reading} from '../model/reading.js';
import {refusedOrGone} from './refused-or-gone.js';

/** Reads exactly `length` bytes at `address`; `undefined` when they aren't all there, `null` when the kernel refused. */
export type ReadMemory = (address: number, length: number) => Reading<Buffer>;

export type MemoryReader = {
	read: ReadMemory;
	/** Gives the descriptor back; a later read opens it again. */
	close: () => void;
};

/**
Memory of one process through /proc/PID/mem, opened for reading only, at the first read, and kept open.

The kernel checks permission when it opens (PTRACE_MODE_ATTACH, see ptrace(2)) and ties the descriptor to the program
that ran then: after an execve(2) it reads as empty, so an empty read is tried once more on a new one.
*/
export const createMemoryReader = (procRoot: string, pid: number): MemoryReader => {
	const path = join(procRoot, String(pid), 'mem');
	let descriptor: number | undefined;

	const close = (): void => {
		if (descriptor !== undefined) {
			closeSync(descriptor);
			descriptor = undefined;
		}
	};

	const readInto = (buffer: Buffer, address: number): number => {
		descriptor ??= openSync(path, 'r');

		return readSync(descriptor, buffer, 0, buffer.length, address);
	};

	const read: ReadMemory = (address, length) => {
		if (!Number.isSafeInteger(address) || address <= 0 || length <= 0) {
			return undefined;
		}

		const buffer = Buffer.allocUnsafe(length);
		const wasOpen = descriptor !== undefined;

		try {
			let count = readInto(buffer, address);

			if (count === 0 && wasOpen) {
				close();
				count = readInto(buffer, address);
			}

			return count === length ? buffer : undefined;
		} catch (error) {
			return refusedOrGone(error);
		}
	};

	return {read, close};
};
