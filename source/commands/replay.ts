import {formatFrame} from '../format/frame.js';
import {openSaved} from '../snapshot/open-saved.js';
import {runReplay, type ScreenOptions} from './live.js';
import {writeOutput} from './output.js';
import {createPlayback} from './playback.js';
import {exitCode} from './usage-error.js';

/**
`ctop replay FILE`: a saved Snapshot or a recording, in the live screen or, without one, its last moment as a text frame. Resolves with
the exit code.
*/
export const replayFile = async (
	file: string,
	options: ScreenOptions,
	onScreen: boolean,
): Promise<number> => {
	const saved = openSaved(file);
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
