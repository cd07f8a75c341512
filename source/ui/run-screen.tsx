import process from 'node:process';
import {render} from 'ink';
import {compareSeverity} from '../format/severity.js';
import type {ViewOptions} from '../format/view-options.js';
import type {Finding} from '../model/finding.js';
import type {Snapshot} from '../model/snapshot.js';
import {App} from './app.js';
import type {LiveSource} from './live-source.js';
import {createPainter} from './painter.js';
import type {Probing} from './probe-view.js';
import {makeTheme} from './theme.js';
import type {Save} from './view-state.js';

export type ScreenOptions = {
	source: LiveSource;
	/** Writes a moment to a new file and says where it is; throws with the reason when it can't. */
	save: (moment: Save) => Promise<string>;
	initialView: ViewOptions;
	/** How a probe begins that a key asks for. */
	probing?: Probing;
	/** Without colours the selected row is inverse all the same. */
	colour: boolean;
	/** No character outside ASCII. */
	ascii: boolean;
	stdout?: NodeJS.WriteStream;
	stdin?: NodeJS.ReadStream;
};

/** What is worth saying after the screen is gone. */
export type ScreenResult = {savedFiles: string[]; peakFinding?: Finding};

const worse = (a: Finding | undefined, b: Finding): Finding =>
	a !== undefined && compareSeverity(a.severity, b.severity) <= 0 ? a : b;

/**
The live screen, from the first frame until a person quits. Rejects when it can't be
drawn; the terminal is restored in either case.
*/
export const runScreen = async (options: ScreenOptions): Promise<ScreenResult> => {
	const savedFiles: string[] = [];
	const stdout = options.stdout ?? process.stdout;
	let peakFinding: Finding | undefined;
	const outside = {
		source: options.source,
		noteSnapshot({findings}: Snapshot) {
			peakFinding = findings.reduce(worse, peakFinding);
		},
		async save(moment: Save) {
			const path = await options.save(moment);
			savedFiles.push(path);
			return path;
		},
		painter: createPainter(text => stdout.write(text)),
	};
	const instance = render(
		<App
			outside={outside}
			theme={makeTheme(options.colour, options.ascii)}
			initialView={options.initialView}
			probing={options.probing}
		/>,
		{
			stdout,
			stdin: options.stdin ?? process.stdin,
			// Ink takes a shell that exports CI for no terminal; whoever calls this has looked itself.
			interactive: true,
			alternateScreen: true,
			exitOnCtrlC: true,
			// What is printed by mistake would go over the frame, where both are the same terminal.
			patchConsole: stdout === process.stdout,
		},
	);
	await instance.waitUntilExit();
	return peakFinding === undefined ? {savedFiles} : {savedFiles, peakFinding};
};
