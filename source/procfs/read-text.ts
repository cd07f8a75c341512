import {readFileSync} from 'node:fs';
import {isKnown, type Reading} from '../model/reading.js';

/**
Reads a whole file: null when the kernel refused it, undefined when it isn't there or its task has exited. Too slow for the
sweep over threads; for files that are read once a tick or less.
*/
export const readText = (path: string): Reading<string> => {
	const bytes = readBytes(path);
	return isKnown(bytes) ? bytes.toString('utf8') : bytes;
};

/** As `readText`, for files that may hold any bytes. */
export const readBytes = (path: string): Reading<Buffer> => {
	try {
		return readFileSync(path);
	} catch (error) {
		const code = (error as NodeJS.ErrnoException).code;
		return code === 'EACCES' || code === 'EPERM' ? null : undefined;
	}
};
