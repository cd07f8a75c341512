import {formatFrame} from '../format/frame.js';
import type {Snapshot} from '../model/snapshot.js';
import {readSnapshot, UnreadableSnapshot} from '../snapshot/read-snapshot.js';
import {runReplay, type ScreenOptions} from './live.js';
import {writeOutput} from './output.js';
import {exitCode, UsageError} from './usage-error.js';

const open = (file: string): Snapshot => {
	try {
		return readSnapshot(file);
	} catch (error) {
		throw error instanceof UnreadableSnapshot ? new UsageError(error.message) : error;
	}
};

/** `ctop replay FILE`: a saved Snapshot, in the live screen or, without one, as a text frame. Resolves with the exit code. */
export const replaySnapshot = async (
	file: string,
	options: ScreenOptions,
	onScreen: boolean,
): Promise<number> => {
	const snapshot = open(file);
	if (onScreen) {
		return runReplay(snapshot, options);
	}

	writeOutput(formatFrame(snapshot, options.view));
	return exitCode.fine;
};
