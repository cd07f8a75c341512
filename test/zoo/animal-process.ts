import {type ChildProcess, execFileSync, spawn} from 'node:child_process';
import {
	chmodSync,
	chownSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	rmSync,
} from 'node:fs';
import {connect, createServer} from 'node:net';
import {homedir, tmpdir, userInfo} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {isRunning} from '../helpers/child.ts';
import type {Animal} from './labels.ts';

const zooFolder = import.meta.dirname;
const readyTimeoutMilliseconds = 60_000;
const endTimeoutMilliseconds = 5000;

/** An animal that runs; those it started are found by their parents. */
export type AnimalProcess = {
	pid: number;
	/** Ends it and what it started, and waits until it has ended. */
	stop: () => Promise<void>;
};

const compilers: Readonly<Record<string, string>> = {
	'.c': 'cc',
	'.cc': 'c++',
	'.go': 'go',
	'.java': 'javac',
};

const runs = (command: string, ...words: readonly string[]): boolean => {
	try {
		execFileSync(command, words, {stdio: 'ignore', timeout: readyTimeoutMilliseconds});
		return true;
	} catch {
		return false;
	}
};

const located = new Map<string, string | undefined>();

const locate = (command: string): string | undefined => {
	if (/^python\d/.test(command)) {
		// pyenv keeps versions that aren't in PATH, and puts a script there that fails for them.
		const versions = path.join(homedir(), '.pyenv', 'versions');
		const number = command.slice('python'.length);
		const kept = existsSync(versions)
			? readdirSync(versions)
					.filter(version => number.includes('.') && version.startsWith(`${number}.`))
					.map(version => path.join(versions, version, 'bin', command))
			: [];
		return [...kept, command].find(each => runs(each, '-c', 'import threading'));
	}

	return runs('sh', '-c', `command -v ${command}`) ? command : undefined;
};

const commandFor = (command: string): string | undefined => {
	if (!located.has(command)) {
		located.set(command, locate(command));
	}

	return located.get(command);
};

const sourceOf = ({command}: Animal): string => command.find(word => !word.startsWith('-')) ?? '';

/** What the machine lacks to run it; nothing when it can. */
export const missingFor = (animal: Animal): string | undefined => {
	if (process.getuid?.() !== 0 && (animal.needs === 'root' || animal.user !== undefined)) {
		return 'root';
	}

	const source = sourceOf(animal);
	const compiler = compilers[path.extname(source)];
	const needed = compiler ?? source;
	return commandFor(needed) === undefined ? needed : undefined;
};

const builds = mkdtempSync(path.join(tmpdir(), 'ctop-zoo-'));
chmodSync(builds, 0o755);
process.once('exit', () => rmSync(builds, {recursive: true, force: true}));

/** The words that run a source file, compiled first where it has to be. */
const build = (source: string): readonly string[] => {
	const extension = path.extname(source);
	const file = path.join(zooFolder, source);
	const program = path.join(builds, path.basename(source, extension));
	if (extension === '.java') {
		if (!existsSync(`${program}.class`)) {
			execFileSync('javac', ['-encoding', 'UTF-8', '-d', builds, file]);
		}

		return ['java', '-cp', builds];
	}

	if (!existsSync(program)) {
		const words = {
			'.c': ['cc', '-O1', '-pthread', '-o', program, file],
			'.cc': ['c++', '-O1', '-std=c++17', '-pthread', '-o', program, file],
			'.go': ['go', 'build', '-o', program, file],
		}[extension]!;
		execFileSync(words[0]!, words.slice(1), {
			env: {...process.env, GOCACHE: path.join(builds, 'go')},
		});
	}

	return [program];
};

const wordsOf = (command: readonly string[], fill: (word: string) => string): readonly string[] => {
	const source = command.find(word => !word.startsWith('-'))!;
	if (compilers[path.extname(source)] === undefined) {
		const [first, ...rest] = command;
		return [
			commandFor(first!)!,
			...rest.map(word =>
				/^[\w-]+\.(?:py|rb|cjs)$/.test(word) ? path.join(zooFolder, word) : fill(word),
			),
		];
	}

	const before = command.slice(0, command.indexOf(source));
	const after = command.slice(before.length + 1).map(fill);
	const [runner, ...rest] = build(source);
	return path.extname(source) === '.java'
		? [runner!, ...before, ...rest, path.basename(source, '.java'), ...after]
		: [runner!, ...before, ...rest, ...after];
};

const freePort = async (): Promise<number> =>
	new Promise((resolve, reject) => {
		const server = createServer();
		server.once('error', reject);
		server.listen(0, '127.0.0.1', () => {
			const address = server.address();
			server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
		});
	});

const listens = async (port: number): Promise<boolean> =>
	new Promise(resolve => {
		const socket = connect(port, '127.0.0.1');
		const end = (result: boolean) => {
			socket.destroy();
			resolve(result);
		};
		socket.once('connect', () => end(true));
		socket.once('error', () => end(false));
	});

const pause = async (milliseconds: number): Promise<void> =>
	new Promise(resolve => {
		setTimeout(resolve, milliseconds);
	});

const waitUntilReady = async (child: ChildProcess, port: number | undefined): Promise<void> => {
	let output = '';
	let errors = '';
	child.stdout?.on('data', chunk => {
		output += chunk;
	});
	child.stderr?.on('data', chunk => {
		errors = (errors + chunk).slice(-2000);
	});
	const until = performance.now() + readyTimeoutMilliseconds;
	while (performance.now() < until) {
		if (!isRunning(child)) {
			throw new Error(`ended before it was up: ${errors}`);
		}

		if (port === undefined ? output.includes('ready\n') : await listens(port)) {
			return;
		}

		await pause(50);
	}

	throw new Error(`was not up in time: ${errors}`);
};

const stopChild = async (child: ChildProcess): Promise<void> => {
	const signal = (name: NodeJS.Signals) => {
		try {
			// It leads a group of its own: all that it started and that didn't leave.
			process.kill(-child.pid!, name);
		} catch {
			// The whole group has ended.
		}
	};

	child.stdin?.end();
	signal('SIGINT');
	const until = performance.now() + endTimeoutMilliseconds;
	while (isRunning(child) && performance.now() < until) {
		await pause(50);
	}

	signal('SIGKILL');
	while (isRunning(child)) {
		await pause(20);
	}
};

/** Starts an animal and its load, and resolves when both are up. It ends with `stop`. */
export const startAnimal = async (animal: Animal): Promise<AnimalProcess> => {
	const folder = mkdtempSync(path.join(tmpdir(), 'ctop-zoo-animal-'));
	const port = await freePort();
	const fill = (word: string) =>
		word
			.replaceAll('{folder}', folder)
			.replaceAll('{port}', String(port))
			.replaceAll('{zoo}', zooFolder);
	const children: ChildProcess[] = [];
	const start = async (
		command: readonly string[],
		ready: number | undefined,
	): Promise<ChildProcess> => {
		const words = wordsOf(command, fill);
		const asUser =
			animal.user === undefined ? [] : ['setpriv', `--reuid=${animal.user}`, '--clear-groups'];
		const [program, ...rest] = [...asUser, ...words];
		const child = spawn(program!, rest, {
			detached: true,
			cwd: folder,
			env: {...process.env, PYTHONDONTWRITEBYTECODE: '1'},
		});
		child.on('error', () => undefined);
		child.stdin?.on('error', () => undefined);
		children.push(child);
		await waitUntilReady(child, ready);
		return child;
	};

	const stop = async () => {
		for (const child of children.toReversed()) {
			await stopChild(child);
		}

		rmSync(folder, {recursive: true, force: true});
	};

	try {
		mkdirSync(folder, {recursive: true});
		const asUser =
			animal.user === undefined ? [] : ['setpriv', `--reuid=${animal.user}`, '--clear-groups'];
		if (animal.user !== undefined) {
			const id = Number(execFileSync('id', ['-u', animal.user], {encoding: 'utf8'}));
			chownSync(folder, id, userInfo().gid);
		}

		if (animal.before !== undefined) {
			const [program, ...rest] = [...asUser, 'sh', '-c', fill(animal.before)];
			execFileSync(program!, rest, {stdio: 'ignore', cwd: folder});
		}

		const child = await start(animal.command, animal.ready === 'port' ? port : undefined);
		if (animal.load) {
			await start(animal.load, undefined);
		}

		return {pid: child.pid!, stop};
	} catch (error) {
		await stop();
		throw error;
	}
};
