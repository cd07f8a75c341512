import {writeNewFile} from '../snapshot/write-snapshot.js';
import {complain, writeOutput} from './output.js';
import {UsageError} from './usage-error.js';

/** Writes a text to a new file, never over another one, or to standard output when it is `-`. */
export const writeTo = (outputFile: string, text: string): void => {
	if (outputFile === '-') {
		writeOutput(text);
		return;
	}

	try {
		writeNewFile(outputFile, text);
	} catch (error) {
		const {code, message} = error as NodeJS.ErrnoException;
		throw new UsageError(code === 'EEXIST' ? `${outputFile} exists; not overwritten` : message);
	}

	complain(`wrote ${outputFile}`);
};
