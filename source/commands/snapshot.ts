import type {Severity} from '../model/finding.js';
import type {Snapshot} from '../model/snapshot.js';
import {snapshotToText} from '../snapshot/snapshot-text.js';
import {saveSnapshot, writeNewFile} from '../snapshot/write-snapshot.js';
import {meetsSeverity} from './fail-on.js';
import {complain, writeOutput} from './output.js';
import {ratedSnapshots} from './rated-snapshots.js';
import {exitCode, UsageError} from './usage-error.js';
import {startWatch, type WatchOptions} from './watch.js';

export type SnapshotOptions = WatchOptions & {
	forSeconds: number;
	/** `-` is standard output; without one a name is made. */
	outputFile?: string;
	failOn?: Severity;
};

/** Watches for some seconds; the last Snapshot. */
const observe = async (options: WatchOptions, forSeconds: number): Promise<Snapshot> => {
	// Timers are a little early or late: what counts as long enough is half an interval short of it.
	const enough = forSeconds - options.intervalSeconds / 2;
	for await (const snapshot of ratedSnapshots(startWatch(options))) {
		if (snapshot.observedSeconds >= enough) {
			return snapshot;
		}
	}

	throw new Error('the observation ended before its time');
};

const write = (snapshot: Snapshot, outputFile: string | undefined): void => {
	if (outputFile === '-') {
		writeOutput(snapshotToText(snapshot));
	} else if (outputFile === undefined) {
		complain(`wrote ${saveSnapshot(snapshot)}`);
	} else {
		try {
			writeNewFile(outputFile, snapshotToText(snapshot));
		} catch (error) {
			const {code, message} = error as NodeJS.ErrnoException;
			throw new UsageError(code === 'EEXIST' ? `${outputFile} exists; not overwritten` : message);
		}
	}
};

/** `ctop snapshot`: one Snapshot as JSON. Resolves with the exit code. */
export const runSnapshot = async (options: SnapshotOptions): Promise<number> => {
	const {forSeconds, selection} = options;
	const intervalSeconds = Math.min(options.intervalSeconds, forSeconds);
	const snapshot = await observe({...options, intervalSeconds}, forSeconds);
	if (selection.pids && snapshot.processes.length === 0) {
		complain(`no process ${selection.pids.join(', ')}`);
		return exitCode.pidsGone;
	}

	write(snapshot, options.outputFile);
	return meetsSeverity(snapshot, options.failOn) ? exitCode.failOnMet : exitCode.fine;
};
