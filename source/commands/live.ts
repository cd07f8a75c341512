import process from 'node:process';
import type {ViewOptions} from '../format/view-options.js';
import type {Snapshot} from '../model/snapshot.js';
import {findTool, knowsTools} from '../probes/tools.js';
import {withHistory} from '../snapshot/history.js';
import type {Saved} from '../snapshot/open-saved.js';
import {saveSnapshot} from '../snapshot/write-snapshot.js';
import type {LiveSource} from '../ui/live-source.js';
import type {Probing} from '../ui/probe-view.js';
import {createPlayback} from './playback.js';
import {createPlayer} from './player.js';
import {startScreenChecks} from './screen-checks.js';
import {createScreenProbes} from './screen-probes.js';
import {exitCode} from './usage-error.js';
import {startWatch, type WatchOptions} from './watch.js';

export type ScreenOptions = {
	view: ViewOptions;
	colour: boolean;
	ascii: boolean;
};

/** Shows Snapshots until a person quits; says on the way out which files were written. */
const show = async (
	source: LiveSource,
	{view, colour, ascii}: ScreenOptions,
	probing?: Probing,
): Promise<void> => {
	// Terminal and components load only when there is a screen.
	const {runScreen} = await import('../ui/run-screen.js');
	const {savedFiles} = await runScreen({
		source,
		save: async ({snapshot, before, note, redact}) => {
			const kept = {...withHistory(snapshot, before), ...(note !== undefined && {note})};
			if (!redact) {
				return saveSnapshot(kept);
			}

			// It needs Node's cryptography, which is megabytes that hardly anybody asks for.
			const {createRedactor} = await import('../snapshot/redact.js');
			return saveSnapshot(createRedactor().redact(kept));
		},
		initialView: view,
		...(probing && {probing}),
		colour,
		ascii,
	});
	for (const file of savedFiles) {
		process.stdout.write(`ctop: wrote ${file}\n`);
	}
};

/** `ctop`: the live screen. Resolves with the exit code. */
export const runLive = async (
	options: WatchOptions & ScreenOptions & {probeSeconds: number},
): Promise<number> => {
	const {target, probeSeconds} = options;
	const watch = startWatch({...options, beginsWithGlance: true});
	const preflight = startScreenChecks(target.procRoot, options.selection);
	const probes = createScreenProbes(target, watch.threads);
	try {
		await show(
			{
				kind: 'live',
				intervalSeconds: watch.intervalSeconds,
				setIntervalSeconds: watch.setIntervalSeconds,
				setFocus: watch.setFocus,
				setTimeline: watch.setTimeline,
				subscribe: listener =>
					watch.subscribe(snapshot => listener(preflight.addFindings(snapshot))),
				subscribeChecks: preflight.subscribe,
				requestChecks: preflight.request,
				probe: probes.probe,
				stopProbe: probes.stop,
			},
			options,
			{
				seconds: probeSeconds,
				perf: knowsTools(target) && findTool('perf') !== undefined,
			},
		);
	} finally {
		probes.stop();
		preflight.stop();
		watch.stop();
	}

	return exitCode.fine;
};

/** `ctop replay FILE`: a saved Snapshot in the same screen, or a recording that plays. */
export const runReplay = async (saved: Saved, options: ScreenOptions): Promise<number> => {
	if (saved.kind === 'snapshot') {
		const subscribe = (listener: (snapshot: Snapshot) => void) => {
			listener(saved.snapshot);
			return () => {};
		};
		await show({kind: 'replay', subscribe}, options);
		return exitCode.fine;
	}

	const player = createPlayer(createPlayback(saved.recording));
	try {
		await show({kind: 'replay', subscribe: player.subscribe, player}, options);
	} finally {
		player.stop();
	}

	return exitCode.fine;
};
