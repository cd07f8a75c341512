import {execFile} from 'node:child_process';
import os from 'node:os';
import process from 'node:process';
import {promisify} from 'node:util';

const execute = promisify(execFile);

/** Untranslated, with 24-hour times and nobody's own settings, so that what is parsed is the same everywhere. */
const environment = {
	PATH: process.env['PATH'],
	HOME: os.tmpdir(),
	XDG_CONFIG_HOME: os.tmpdir(),
	LC_ALL: 'C.UTF-8',
	S_TIME_FORMAT: 'ISO',
	S_COLORS: 'never',
};

/** What a program of this machine prints; undefined when it isn't installed. Rejects when it fails. */
export const runTool = async (
	file: string,
	parameters: readonly string[],
): Promise<string | undefined> => {
	try {
		const {stdout} = await execute(file, [...parameters], {
			env: environment,
			maxBuffer: 64 * 1024 * 1024,
		});
		return stdout;
	} catch (error) {
		if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
			return undefined;
		}

		throw error;
	}
};
