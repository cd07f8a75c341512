import {csvHead, formatCsv, formatNdjson} from '../format/batch-events.js';
import {formatFrame} from '../format/frame.js';
import type {ViewOptions} from '../format/view-options.js';
import type {Finding, Severity} from '../model/finding.js';
import type {Snapshot} from '../model/snapshot.js';
import {meetsSeverity} from './fail-on.js';
import type {BatchFormat} from './format-names.js';
import {complain, writeOutput} from './output.js';
import {ratedSnapshots} from './rated-snapshots.js';
import {exitCode} from './usage-error.js';
import {startWatch, type WatchOptions} from './watch.js';

type Context = {view: ViewOptions; before: readonly Finding[]; isFirst: boolean};

const formatTick: Readonly<Record<BatchFormat, (snapshot: Snapshot, context: Context) => string>> =
	{
		text: (snapshot, {view, isFirst}) => `${isFirst ? '' : '\n'}${formatFrame(snapshot, view)}`,
		csv: (snapshot, {isFirst}) =>
			`${isFirst ? `${csvHead.join(',')}\r\n` : ''}${formatCsv(snapshot)}`,
		ndjson: (snapshot, {before}) => formatNdjson(snapshot, before),
	};

export type BatchOptions = WatchOptions & {
	format: BatchFormat;
	view: ViewOptions;
	/** Frames to write; without one it goes on for ever. */
	frames?: number;
	failOn?: Severity;
};

/** `ctop -b`: text frames, lines of CSV or of JSON, the first after one full interval. Resolves with the exit code. */
export const runBatch = async (options: BatchOptions): Promise<number> => {
	const {selection, view, format, frames = Number.POSITIVE_INFINITY, failOn} = options;
	let written = 0;
	let before: readonly Finding[] = [];
	let failed = false;
	for await (const snapshot of ratedSnapshots(startWatch(options))) {
		if (selection.pids && snapshot.processes.length === 0) {
			complain(`no process ${selection.pids.join(', ')}`);
			return exitCode.pidsGone;
		}

		writeOutput(formatTick[format](snapshot, {view, before, isFirst: written === 0}));
		before = snapshot.findings;
		written++;
		failed ||= meetsSeverity(snapshot, failOn);
		if (written >= frames) {
			break;
		}
	}

	return failed ? exitCode.failOnMet : exitCode.fine;
};
