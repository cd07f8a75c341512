import {spawn} from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import type {Snapshot} from '../../source/model/snapshot.js';

/** The program as people start it; `npm test` builds it before the tests run. */
export const ctopFile = path.join(import.meta.dirname, '../../bin/ctop.js');

export type CtopResult = {
	code: number | null;
	output: string;
	errors: string;
};

export type CtopOptions = {
	directory?: string;
	environment?: Readonly<Record<string, string>>;
	/** What to start instead of `ctopFile`, such as a link to it. */
	file?: string;
};

/** Runs the built program to its end, with nothing to read and no terminal. */
export const runCtop = async (
	words: readonly string[],
	{directory, environment = {}, file = ctopFile}: CtopOptions = {},
): Promise<CtopResult> =>
	new Promise((resolve, reject) => {
		const child = spawn(process.execPath, [file, ...words], {
			cwd: directory,
			env: {...process.env, LC_ALL: 'C.UTF-8', ...environment},
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		let output = '';
		let errors = '';
		child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
			output += chunk;
		});
		child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
			errors += chunk;
		});
		child.once('error', reject);
		child.once('close', code => resolve({code, output, errors}));
	});

/** What `ctop snapshot -o -` prints after watching for some seconds. */
export const takeSnapshot = async (
	forSeconds: number,
	words: readonly string[] = [],
): Promise<Snapshot> => {
	const {code, output, errors} = await runCtop([
		'snapshot',
		'-o',
		'-',
		'--for',
		`${forSeconds}s`,
		...words,
	]);
	if (code !== 0) {
		throw new Error(`ctop snapshot ended with ${code}: ${errors}`);
	}

	return JSON.parse(output) as Snapshot;
};
