import {execFileSync, spawn} from 'node:child_process';
import {existsSync, readdirSync} from 'node:fs';
import {homedir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {createInterface} from 'node:readline';
import {fileURLToPath} from 'node:url';
import type {PythonInterpreter} from '../../source/runtimes/python/interpreter.js';
import {pythonSymbols, type SymbolAddresses} from '../../source/runtimes/python/python-process.js';
import {findProcessSymbols} from '../../source/symbols/process-symbols.js';

/** A CPython of this machine. */
export type Python = {
	command: string;
	/** `3.11`, `3.13t`. */
	version: string;
	/** Where it comes from, for the names of tests. */
	label: string;
};

const program = fileURLToPath(new URL('../zoo/python-stacks.py', import.meta.url));
const commandName = /^python(\d\.\d+t?)$/;

/** Programs of a folder that are an interpreter, not a script that looks for one. */
const inFolder = (folder: string): Python[] =>
	(existsSync(folder) ? readdirSync(folder) : []).flatMap(name => {
		const version = commandName.exec(name)?.[1];
		return version === undefined
			? []
			: [{command: path.join(folder, name), version, label: `${version} of ${folder}`}];
	});

const isRunnable = ({command}: Python): boolean => {
	try {
		execFileSync(command, ['-c', 'import threading, ctypes, json'], {
			stdio: 'ignore',
			timeout: 30_000,
		});
		return true;
	} catch {
		return false;
	}
};

/** Every CPython that is installed: the system's and those that pyenv keeps. */
export const findPythons = (): readonly Python[] => {
	const versions = path.join(homedir(), '.pyenv', 'versions');
	const kept = (existsSync(versions) ? readdirSync(versions) : []).flatMap(name =>
		inFolder(path.join(versions, name, 'bin')),
	);
	return [...inFolder('/usr/bin'), ...inFolder('/usr/local/bin'), ...kept].filter(isRunnable);
};

/** test/zoo/python-stacks.py, running. */
export type PythonProgram = {
	readonly pid: number;
	/** Writes a line, and resolves with the next one that it writes. */
	ask(line: string): Promise<string>;
	/** The next line that it writes. */
	nextLine(): Promise<string>;
	stop(): Promise<void>;
};

const answerTimeoutMilliseconds = 60_000;

/** Starts it in a mode (see there) and gives what it says, `ready` among it. */
export const startPythonStacks = async (
	{command}: Python,
	mode: 'rest' | 'hold' | 'interpreters',
): Promise<PythonProgram> => {
	const child = spawn(command, [program, mode], {
		stdio: ['pipe', 'pipe', 'inherit'],
		env: {...process.env, PYTHONDONTWRITEBYTECODE: '1'},
	});
	const lines: string[] = [];
	let notify = () => {};
	createInterface({input: child.stdout}).on('line', line => {
		lines.push(line);
		notify();
	});
	const ended = new Promise<void>(resolve => {
		child.once('exit', () => {
			resolve();
			notify();
		});
	});

	const nextLine = async (): Promise<string> => {
		const giveUpAt = Date.now() + answerTimeoutMilliseconds;
		while (lines.length === 0) {
			if (child.exitCode !== null || Date.now() > giveUpAt) {
				throw new Error(`no line of ${command} (exit code ${child.exitCode})`);
			}

			await new Promise<void>(resolve => {
				notify = resolve;
				setTimeout(resolve, 100).unref();
			});
		}

		return lines.shift()!;
	};

	return {
		pid: child.pid!,
		nextLine,
		async ask(line) {
			child.stdin.write(`${line}\n`);
			return nextLine();
		},
		async stop() {
			child.stdin.end();
			// While one thread keeps the GIL, no other can end the process.
			const timer = setTimeout(() => child.kill('SIGKILL'), 3000);
			await ended;
			clearTimeout(timer);
		},
	};
};

/** Where the symbols of a running Python lie in its memory. */
export const symbolsOf = (pid: number, {mapping}: PythonInterpreter): SymbolAddresses =>
	findProcessSymbols('/proc', pid, mapping, pythonSymbols)?.addresses ?? new Map();
