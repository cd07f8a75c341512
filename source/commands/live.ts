import process from 'node:process';
import type {ViewOptions} from '../format/view-options.js';
import type {Snapshot} from '../model/snapshot.js';
import {saveSnapshot} from '../snapshot/write-snapshot.js';
import type {LiveSource} from '../ui/live-source.js';
import {startScreenChecks} from './screen-checks.js';
import {exitCode} from './usage-error.js';
import {startWatch, type WatchOptions} from './watch.js';

export type ScreenOptions = {
	view: ViewOptions;
	colour: boolean;
	ascii: boolean;
};

/** Shows Snapshots until a person quits; says on the way out which files were written. */
const show = async (source: LiveSource, {view, colour, ascii}: ScreenOptions): Promise<void> => {
	// Terminal and components load only when there is a screen.
	const {runScreen} = await import('../ui/run-screen.js');
	const {savedFiles} = await runScreen({
		source,
		saveSnapshot: async snapshot => saveSnapshot(snapshot),
		initialView: view,
		colour,
		ascii,
	});
	for (const file of savedFiles) {
		process.stdout.write(`ctop: wrote ${file}\n`);
	}
};

/** `ctop`: the live screen. Resolves with the exit code. */
export const runLive = async (options: WatchOptions & ScreenOptions): Promise<number> => {
	const watch = startWatch(options);
	const preflight = startScreenChecks(options.target.procRoot);
	try {
		await show(
			{
				kind: 'live',
				intervalSeconds: watch.intervalSeconds,
				setIntervalSeconds: watch.setIntervalSeconds,
				setFocus: watch.setFocus,
				subscribe: listener =>
					watch.subscribe(snapshot => listener(preflight.addFindings(snapshot))),
				subscribeChecks: preflight.subscribe,
			},
			options,
		);
	} finally {
		preflight.stop();
		watch.stop();
	}

	return exitCode.fine;
};

/** `ctop replay FILE`: a saved Snapshot in the same screen. */
export const runReplay = async (snapshot: Snapshot, options: ScreenOptions): Promise<number> => {
	const subscribe = (listener: (snapshot: Snapshot) => void) => {
		listener(snapshot);
		return () => {};
	};
	await show({kind: 'replay', subscribe}, options);
	return exitCode.fine;
};
