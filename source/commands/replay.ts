import {formatFrame} from '../format/frame.js';
import {openSaved, type Saved} from '../snapshot/open-saved.js';
import {UnreadableSnapshot} from '../snapshot/read-snapshot.js';
import {runReplay, type ScreenOptions} from './live.js';
import {writeOutput} from './output.js';
import {createPlayback} from './playback.js';
import {exitCode, UsageError} from './usage-error.js';

/** Opens a saved Snapshot or a recording; what is wrong with the file is the person's to mend. */
export const openFile = (file: string): Saved => {
	try {
		return openSaved(file);
	} catch (error) {
		throw error instanceof UnreadableSnapshot ? new UsageError(error.message) : error;
	}
};

/**
`ctop replay FILE`: a saved Snapshot or a recording, in the live screen or, without one, its last moment as a text frame. Resolves with
the exit code.
*/
export const replayFile = async (
	file: string,
	options: ScreenOptions,
	onScreen: boolean,
): Promise<number> => {
	const saved = openFile(file);
	if (onScreen) {
		return runReplay(saved, options);
	}

	const snapshot =
		saved.kind === 'snapshot'
			? saved.snapshot
			: createPlayback(saved.recording).at(saved.recording.count - 1);
	writeOutput(formatFrame(snapshot, options.view));
	return exitCode.fine;
};
