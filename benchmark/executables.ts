import {spawnSync} from 'node:child_process';
import {accessSync, constants, realpathSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';

const isExecutable = (file: string): boolean => {
	try {
		accessSync(file, constants.X_OK);
		return true;
	} catch {
		return false;
	}
};

/** The executable of that name in PATH; npm's own folders, which npm puts in front of it, do not count. */
export const findExecutable = (name: string): string | undefined =>
	(process.env['PATH'] ?? '')
		.split(path.delimiter)
		.filter(directory => !directory.endsWith(path.join('node_modules', '.bin')))
		.map(directory => path.join(directory, name))
		.find(isExecutable);

/** The first number with a dot in what the program says about itself; undefined when it says none. */
export const versionOf = (file: string, parameter: string): string | undefined => {
	const {stdout, stderr} = spawnSync(file, [parameter], {encoding: 'utf8', timeout: 5000});
	return /\d+\.[\d.]*\d/.exec(`${stdout}\n${stderr}`)?.[0];
};

export type NodeBinary = {readonly file: string; readonly version: string};

/** The Node.js that runs this, and the system's when that is another one. */
export const findNodes = (): readonly NodeBinary[] => {
	const own = {file: process.execPath, version: process.versions.node};
	const system = findExecutable('node');
	const systemVersion = system && versionOf(system, '--version');
	return system && systemVersion && realpathSync(system) !== realpathSync(own.file)
		? [own, {file: system, version: systemVersion}]
		: [own];
};

/** Builds a C program into a directory. Throws with the compiler's words. */
export const compile = (source: string, directory: string): string => {
	const output = path.join(directory, path.basename(source, '.c'));
	const {status, stderr, error} = spawnSync(
		'cc',
		['-O2', '-Wall', '-Wextra', '-pthread', '-o', output, source],
		{encoding: 'utf8'},
	);
	if (status !== 0) {
		throw new Error(`cc ${source}: ${error?.message ?? stderr}`);
	}

	return output;
};
