import {formatDiff, formatDiffMarkdown} from '../format/diff.js';
import type {Diff} from '../model/diff.js';
import {diffSnapshots} from '../snapshot/diff.js';
import {openSaved, savedSnapshots} from '../snapshot/open-saved.js';
import type {DiffFormat} from './format-names.js';
import {writeOutput} from './output.js';
import {exitCode} from './usage-error.js';

const write: Readonly<Record<DiffFormat, (diff: Diff) => string>> = {
	text: formatDiff,
	json: diff => `${JSON.stringify(diff, undefined, '\t')}\n`,
	md: formatDiffMarkdown,
};

/** `ctop diff BEFORE AFTER`: two saved Snapshots or recordings. Returns the exit code. */
export const runDiff = (before: string, after: string, format: DiffFormat): number => {
	const [one, other] = [openSaved(before), openSaved(after)];
	writeOutput(write[format](diffSnapshots(savedSnapshots(one), savedSnapshots(other))));
	return exitCode.fine;
};
