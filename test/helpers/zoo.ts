import {type ChildProcess, execFileSync, spawn} from 'node:child_process';
import {existsSync, mkdtempSync, readdirSync, rmSync} from 'node:fs';
import {homedir, tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {fileURLToPath} from 'node:url';
import {isRunning} from './child.js';

const zooFolder = fileURLToPath(new URL('../zoo/', import.meta.url));
const readyTimeoutMilliseconds = 30_000;
const endTimeoutMilliseconds = 10_000;

/** A program of test/zoo that runs. */
export type ZooProcess = {
	pid: number;
	/** Ends it, and waits until it has ended. */
	stop: () => Promise<void>;
};

export type ZooOptions = {
	/** `python2.7` runs a Python program in Python 2.7; `python3` if not given. */
	interpreter?: 'python3' | 'python2.7';
	/** Builds a C or C++ program without shared libraries and without symbols. */
	stripped?: true;
};

/** Whether a command is here, and ends with status 0. */
export const runs = (command: string, ...words: string[]): boolean => {
	try {
		execFileSync(command, words, {stdio: 'ignore', timeout: readyTimeoutMilliseconds});
		return true;
	} catch {
		return false;
	}
};

const findPython27 = (): string | undefined => {
	// pyenv keeps versions that aren't in PATH, and puts a script there that fails for them.
	const versions = path.join(homedir(), '.pyenv', 'versions');
	const kept = existsSync(versions)
		? readdirSync(versions)
				.filter(version => version.startsWith('2.7'))
				.map(version => path.join(versions, version, 'bin', 'python2.7'))
		: [];
	return [...kept, 'python2.7'].find(command => runs(command, '-c', 'import threading'));
};

const found = new Map<string, string | undefined>();

const findOnce = (name: string, find: () => string | undefined): string | undefined => {
	if (!found.has(name)) {
		found.set(name, find());
	}

	return found.get(name);
};

/** The compiler and its options; undefined for programs that need none. */
const compilerOf = (name: string): readonly [string, ...string[]] | undefined => {
	if (name.endsWith('-musl.c')) {
		return ['musl-gcc', '-O1', '-pthread'];
	}

	const compilers: Readonly<Record<string, readonly [string, ...string[]]>> = {
		'.c': ['cc', '-O1', '-pthread'],
		'.cc': ['c++', '-O1', '-std=c++17', '-pthread'],
		'.rs': ['rustc', '-O', '--edition=2021'],
	};
	return compilers[path.extname(name)];
};

/**
What a zoo program needs and this machine lacks, as text to give to `skip`; nothing
when it can run: `test.skipIf(missingForZoo('gil-threads.py'))`.
*/
export const missingForZoo = (
	name: string,
	{interpreter = 'python3'}: ZooOptions = {},
): string | undefined => {
	const compiler = compilerOf(name);
	if (compiler) {
		const [command] = compiler;
		return findOnce(command, () => (runs(command, '--version') ? command : undefined))
			? undefined
			: `${name}: no ${command} here`;
	}

	const command =
		interpreter === 'python2.7'
			? findOnce('python2.7', findPython27)
			: findOnce('python3', () => (runs('python3', '--version') ? 'python3' : undefined));
	return command ? undefined : `${name}: no ${interpreter} here`;
};

let buildFolder: string | undefined;

const compile = (name: string, stripped = false): string => {
	if (buildFolder === undefined) {
		const folder = mkdtempSync(path.join(tmpdir(), 'ctop-zoo-'));
		buildFolder = folder;
		process.once('exit', () => rmSync(folder, {recursive: true, force: true}));
	}

	const program = path.join(
		buildFolder,
		`${path.basename(name, path.extname(name))}${stripped ? '-stripped' : ''}`,
	);
	if (!existsSync(program)) {
		const flags = stripped ? ['-static', '-s'] : [];
		const [command, ...options] = compilerOf(name)!;
		execFileSync(command, [...options, ...flags, '-o', program, path.join(zooFolder, name)]);
	}

	return program;
};

const waitForReady = async (child: ChildProcess, name: string): Promise<void> =>
	new Promise((resolve, reject) => {
		let output = '';
		const fail = (reason: string) => reject(new Error(`${name} ${reason}: ${output}`));
		const timer = setTimeout(() => fail('was not ready in time'), readyTimeoutMilliseconds);
		child.stderr?.on('data', chunk => {
			output += chunk;
		});
		child.stdout?.on('data', chunk => {
			output += chunk;
			if (output.includes('ready\n')) {
				clearTimeout(timer);
				resolve();
			}
		});
		child.once('error', error => fail(error.message));
		child.once('exit', (code, signal) => {
			clearTimeout(timer);
			fail(`ended (${code ?? signal})`);
		});
	});

const stop = async (child: ChildProcess): Promise<void> => {
	if (!isRunning(child)) {
		return;
	}

	const ended = new Promise<void>(resolve => {
		child.once('exit', () => resolve());
	});
	// Closing its standard input asks it to end; a program that is too starved to hear it is killed.
	child.stdin?.end();
	const timer = setTimeout(() => child.kill('SIGKILL'), endTimeoutMilliseconds);
	await ended;
	clearTimeout(timer);
};

/**
Starts a program of test/zoo (`gil-threads.py`, `mutex-pool.c`: compiled first) and
resolves when it has said that it is up. Rejects when the machine lacks what it needs
(ask `missingForZoo` before), or when it ends or stays silent. It ends with `stop`, with
the test process, and by itself after two minutes.
*/
export const startZoo = async (
	name: string,
	words: readonly (string | number)[] = [],
	options: ZooOptions = {},
): Promise<ZooProcess> => {
	const missing = missingForZoo(name, options);
	if (missing !== undefined) {
		throw new Error(missing);
	}

	const script = path.join(zooFolder, name);
	const texts = words.map(String);
	const child = compilerOf(name)
		? spawn(compile(name, options.stripped), texts)
		: spawn(found.get(options.interpreter ?? 'python3')!, [script, ...texts], {
				// Without this, Python leaves its cache beside the programs.
				env: {...process.env, PYTHONDONTWRITEBYTECODE: '1'},
			});
	try {
		await waitForReady(child, name);
	} catch (error) {
		await stop(child);
		throw error;
	}

	return {pid: child.pid!, stop: async () => stop(child)};
};
