import {writeSync} from 'node:fs';
import process from 'node:process';

/** Somebody closed the pipe, as `head` does: nothing more to say, and no error. */
export const isClosedPipe = (error: unknown): boolean =>
	(error as NodeJS.ErrnoException).code === 'EPIPE';

const standardOutput = 1;
const millisecondsToWait = 5;

/** Blocks for a moment; a pipe that is full now will be read. */
const waitAMoment = (): void => {
	Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, millisecondsToWait);
};

/**
Writes all of a text to standard output, and says so by throwing when that fails: a full disk must not pass unnoticed, as it does
with console.log.
*/
export const writeOutput = (text: string): void => {
	const bytes = Buffer.from(text);
	let position = 0;
	while (position < bytes.length) {
		try {
			position += writeSync(standardOutput, bytes, position);
		} catch (error) {
			// Standard output was set to non-blocking by somebody and its reader is slow.
			if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') {
				throw error;
			}

			waitAMoment();
		}
	}
};

/** One line for a person, on standard error. */
export const complain = (message: string): void => {
	process.stderr.write(`ctop: ${message}\n`);
};
