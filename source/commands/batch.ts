import {formatFrame} from '../format/frame.js';
import type {ViewOptions} from '../format/view-options.js';
import type {Severity} from '../model/finding.js';
import {meetsSeverity} from './fail-on.js';
import {complain, writeOutput} from './output.js';
import {ratedSnapshots} from './rated-snapshots.js';
import {exitCode} from './usage-error.js';
import {startWatch, type WatchOptions} from './watch.js';

export type BatchOptions = WatchOptions & {
	view: ViewOptions;
	/** Frames to write; without one it goes on for ever. */
	frames?: number;
	failOn?: Severity;
};

/** `ctop -b`: text frames, the first after one full interval. Resolves with the exit code. */
export const runBatch = async (options: BatchOptions): Promise<number> => {
	const {selection, view, frames = Number.POSITIVE_INFINITY, failOn} = options;
	let written = 0;
	let failed = false;
	for await (const snapshot of ratedSnapshots(startWatch(options))) {
		if (selection.pids && snapshot.processes.length === 0) {
			complain(`no process ${selection.pids.join(', ')}`);
			return exitCode.pidsGone;
		}

		writeOutput(`${written === 0 ? '' : '\n'}${formatFrame(snapshot, view)}`);
		written++;
		failed ||= meetsSeverity(snapshot, failOn);
		if (written >= frames) {
			break;
		}
	}

	return failed ? exitCode.failOnMet : exitCode.fine;
};
