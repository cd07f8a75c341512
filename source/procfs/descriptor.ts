import {closeSync, openSync, readSync} from 'node:fs';

/**
Why a file under /proc gave nothing. Failures are negative numbers, so that one comparison tells them from a descriptor or a
length on paths that run thousands of times a second.
*/
export const failure = {
	/** ESRCH: the task has exited. */
	gone: -1,
	/** EACCES, EPERM. */
	denied: -2,
	/** ENOENT, ENOTDIR: the task has exited, or this kernel has no such file. */
	missing: -3,
	/** EMFILE, ENFILE: no descriptor left. */
	exhausted: -4,
	/** Anything else. */
	failed: -5,
} as const;

const failureByCode = new Map<string, number>([
	['ESRCH', failure.gone],
	['EACCES', failure.denied],
	['EPERM', failure.denied],
	['ENOENT', failure.missing],
	['ENOTDIR', failure.missing],
	['EMFILE', failure.exhausted],
	['ENFILE', failure.exhausted],
]);

const asFailure = (error: unknown): number =>
	failureByCode.get((error as NodeJS.ErrnoException).code ?? '') ?? failure.failed;

/** Whether a result means that the task no longer exists. */
export const isGone = (result: number): boolean =>
	result === failure.gone || result === failure.missing;

/** Opens for reading; a descriptor, or a failure. */
export const openDescriptor = (path: string): number => {
	try {
		return openSync(path, 'r');
	} catch (error) {
		return asFailure(error);
	}
};

/** Reads from the start of a held descriptor, which makes the kernel write the file anew; a length, or a failure. */
export const readDescriptor = (descriptor: number, buffer: Uint8Array): number => {
	try {
		return readSync(descriptor, buffer, 0, buffer.length, 0);
	} catch (error) {
		return asFailure(error);
	}
};

/** Reads on from where the last reading ended, into the buffer from `offset` on; a length, 0 at the end, or a failure. */
export const readNext = (descriptor: number, buffer: Uint8Array, offset: number): number => {
	try {
		return readSync(descriptor, buffer, offset, buffer.length - offset, null);
	} catch (error) {
		return asFailure(error);
	}
};

export const closeDescriptor = (descriptor: number): void => {
	try {
		closeSync(descriptor);
	} catch {
		// It is closed either way.
	}
};

/** Opens, reads once from the start and closes; a length, or a failure. */
export const readPath = (path: string, buffer: Uint8Array): number => {
	const descriptor = openDescriptor(path);
	if (descriptor < 0) {
		return descriptor;
	}

	const length = readDescriptor(descriptor, buffer);
	closeDescriptor(descriptor);
	return length;
};
