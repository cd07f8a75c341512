import {formatDiff, formatDiffMarkdown} from '../format/diff.js';
import type {Diff} from '../model/diff.js';
import {diffSnapshots} from '../snapshot/diff.js';
import {savedSnapshots} from '../snapshot/open-saved.js';
import {UnreadableSnapshot} from '../snapshot/read-snapshot.js';
import {writeOutput} from './output.js';
import {openFile} from './replay.js';
import {exitCode, UsageError} from './usage-error.js';

export const diffFormats = ['text', 'json', 'md'] as const;

const write: Readonly<Record<(typeof diffFormats)[number], (diff: Diff) => string>> = {
	text: formatDiff,
	json: diff => `${JSON.stringify(diff, undefined, '\t')}\n`,
	md: formatDiffMarkdown,
};

/** `ctop diff BEFORE AFTER`: two saved Snapshots or recordings. Returns the exit code. */
export const runDiff = (
	before: string,
	after: string,
	format: (typeof diffFormats)[number],
): number => {
	const [one, other] = [openFile(before), openFile(after)];
	try {
		writeOutput(write[format](diffSnapshots(savedSnapshots(one), savedSnapshots(other))));
	} catch (error) {
		throw error instanceof UnreadableSnapshot ? new UsageError(error.message) : error;
	}

	return exitCode.fine;
};
