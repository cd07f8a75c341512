import type {Reading} from '../model/reading.js';
import {closeDescriptor, failure, openDescriptor, readNext} from './descriptor.js';

const firstCapacity = 65_536;

/** Files are read into one buffer that grows with the largest: readFileSync makes a new one, and asks the size that /proc hides. */
let content = Buffer.allocUnsafe(firstCapacity);

/** Reads a whole file into `content`; a length, or a failure of descriptor.ts. */
const readWhole = (path: string): number => {
	const descriptor = openDescriptor(path);
	if (descriptor < 0) {
		return descriptor;
	}

	let length = 0;
	for (;;) {
		if (length === content.length) {
			content = Buffer.concat([content], content.length * 2);
		}

		// The kernel gives a page or so at a time; only an empty answer is the end.
		const count = readNext(descriptor, content, length);
		if (count <= 0) {
			closeDescriptor(descriptor);
			return count < 0 ? count : length;
		}

		length += count;
	}
};

const refusedOrMissing = (result: number): null | undefined =>
	result === failure.denied ? null : undefined;

/**
Reads a whole file: null when the kernel refused it, undefined when it isn't there or its task has exited. Too slow for the
sweep over threads; for files that are read once a tick or less.
*/
export const readText = (path: string): Reading<string> => {
	const length = readWhole(path);
	return length < 0 ? refusedOrMissing(length) : content.toString('utf8', 0, length);
};

/** As `readText`, for files that may hold any bytes. */
export const readBytes = (path: string): Reading<Buffer> => {
	const length = readWhole(path);
	return length < 0 ? refusedOrMissing(length) : Buffer.from(content.subarray(0, length));
};

const newLine = 0x0a;

/** Files of any length go through it, line by line. */
const piece = Buffer.allocUnsafe(firstCapacity);

/**
Reads a file that may be megabytes long, of which nothing is to be kept whole: `visit` is given some lines at a time. Undefined and null as
with `readText`, true when all was read. A line longer than 64 KiB comes in parts.
*/
export const readLines = (path: string, visit: (lines: string) => void): Reading<true> => {
	const descriptor = openDescriptor(path);
	if (descriptor < 0) {
		return refusedOrMissing(descriptor);
	}

	let kept = 0;
	for (;;) {
		const count = readNext(descriptor, piece, kept);
		const length = kept + Math.max(0, count);
		const isLast = count <= 0;
		const lineEnd = length === 0 ? 0 : piece.lastIndexOf(newLine, length - 1) + 1;
		const end = isLast || (lineEnd === 0 && length === piece.length) ? length : lineEnd;
		if (end > 0) {
			visit(piece.toString('utf8', 0, end));
			piece.copyWithin(0, end, length);
		}

		kept = length - end;
		if (isLast) {
			closeDescriptor(descriptor);
			return count < 0 ? refusedOrMissing(count) : true;
		}
	}
};
