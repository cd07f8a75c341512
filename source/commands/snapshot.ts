import type {ViewOptions} from '../format/view-options.js';
import type {Severity} from '../model/finding.js';
import type {Snapshot} from '../model/snapshot.js';
import {withHistory} from '../snapshot/history.js';
import {createRedactor} from '../snapshot/redact.js';
import {saveSnapshot} from '../snapshot/write-snapshot.js';
import {meetsSeverity} from './fail-on.js';
import type {SnapshotFormat} from './format-names.js';
import {complain} from './output.js';
import {ratedSnapshots} from './rated-snapshots.js';
import {snapshotAs} from './snapshot-formats.js';
import {exitCode} from './usage-error.js';
import {startWatch, type WatchOptions} from './watch.js';
import {writeTo} from './write-new.js';

export type SnapshotOptions = WatchOptions & {
	forSeconds: number;
	format: SnapshotFormat;
	view: ViewOptions;
	/** `-` is standard output; without one a name is made for JSON, and all else goes to standard output. */
	outputFile?: string;
	note?: string;
	redact: boolean;
	failOn?: Severity;
};

const momentsKept = 600;

/** Watches for some seconds; the last Snapshot, with what was before it. */
const observe = async (options: WatchOptions, forSeconds: number): Promise<Snapshot> => {
	// Timers are a little early or late: what counts as long enough is half an interval short of it.
	const enough = forSeconds - options.intervalSeconds / 2;
	const before: Snapshot[] = [];
	for await (const snapshot of ratedSnapshots(startWatch(options))) {
		if (snapshot.observedSeconds >= enough) {
			return withHistory(snapshot, before);
		}

		before.push(snapshot);
		before.splice(0, before.length - momentsKept);
	}

	throw new Error('the observation ended before its time');
};

const write = (snapshot: Snapshot, {format, view, outputFile}: SnapshotOptions): void => {
	if (outputFile === undefined && format === 'json') {
		complain(`wrote ${saveSnapshot(snapshot)}`);
		return;
	}

	writeTo(outputFile ?? '-', snapshotAs(snapshot, format, view));
};

/** `ctop snapshot`: one Snapshot in a format. Resolves with the exit code. */
export const runSnapshot = async (options: SnapshotOptions): Promise<number> => {
	const {forSeconds, selection, note, redact} = options;
	const intervalSeconds = Math.min(options.intervalSeconds, forSeconds);
	const observed = await observe({...options, intervalSeconds}, forSeconds);
	if (selection.pids && observed.processes.length === 0) {
		complain(`no process ${selection.pids.join(', ')}`);
		return exitCode.pidsGone;
	}

	const snapshot = {...observed, ...(note !== undefined && {note})};
	write(redact ? createRedactor().redact(snapshot) : snapshot, options);
	return meetsSeverity(snapshot, options.failOn) ? exitCode.failOnMet : exitCode.fine;
};
