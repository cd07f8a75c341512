import {type ChildProcess, spawn} from 'node:child_process';
import {accessSync, constants, statSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import type {Target} from '../targets/target.js';

/** Whether process ids of a target are those that other programs here know: elsewhere the same number is another process, or none. */
export const knowsTools = ({procRoot}: Target): boolean => procRoot === '/proc';

/** Path of a program in PATH; undefined where it isn't installed. */
export const findTool = (name: string): string | undefined => {
	for (const folder of (process.env['PATH'] ?? '').split(':')) {
		const file = path.join(folder, name);
		try {
			accessSync(file, constants.X_OK);
			if (folder !== '' && statSync(file).isFile()) {
				return file;
			}
		} catch {
			// Not in this folder.
		}
	}

	return undefined;
};

/** A program that was started to look at another one. */
export type ToolRun = {
	readonly child: ChildProcess;
	/** Its exit code (null: a signal ended it, or it could not be started) and the end of what it complained. */
	readonly done: Promise<{code: number | null; errors: string}>;
};

const errorsKept = 4000;

/**
Starts a program in a session of its own, without a terminal, in the C locale: a signal from the terminal doesn't reach it, and it
goes on when ctop is killed. `onOutput` gets its standard output as it comes.
*/
export const startTool = (
	file: string,
	words: readonly string[],
	onOutput?: (text: string) => void,
): ToolRun => {
	const child = spawn(file, words, {
		stdio: ['ignore', onOutput ? 'pipe' : 'ignore', 'pipe'],
		detached: true,
		env: {...process.env, LC_ALL: 'C'},
	});
	let errors = '';
	child.stderr?.setEncoding('utf8').on('data', (text: string) => {
		errors = (errors + text).slice(-errorsKept);
	});
	if (onOutput) {
		child.stdout?.setEncoding('utf8').on('data', onOutput);
	}

	const done = new Promise<{code: number | null; errors: string}>(resolve => {
		child.once('error', error => resolve({code: null, errors: error.message}));
		child.once('close', code => resolve({code, errors}));
	});
	return {child, done};
};

/** The line of a program's complaints that says most: the first with more than a word such as `Error:`. */
export const firstComplaint = (errors: string): string =>
	errors
		.split('\n')
		.map(line => line.trim())
		.find(line => line !== '' && !/^\w+:$/.test(line)) ?? 'no reason given';
