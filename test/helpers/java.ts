import {execFileSync, spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, mkdtempSync, readdirSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {createInterface} from 'node:readline';
import {fileURLToPath} from 'node:url';

const source = fileURLToPath(new URL('../zoo/Trouble.java', import.meta.url));
const jvmFolder = '/usr/lib/jvm';

const majorVersion = (java: string): number | undefined => {
	const {stderr} = spawnSync(java, ['-XshowSettings:properties', '-version'], {encoding: 'utf8'});
	const version = /java\.specification\.version = (\d+)/.exec(stderr ?? '')?.[1];
	return version === undefined ? undefined : Number(version);
};

/** Those of the usual folder, else the one in PATH. */
const findJavas = (): {java: string; version: number}[] => {
	const installed = existsSync(jvmFolder)
		? readdirSync(jvmFolder, {withFileTypes: true})
				.filter(entry => entry.isDirectory())
				.map(entry => path.join(jvmFolder, entry.name, 'bin', 'java'))
				.filter(existsSync)
		: [];
	return (installed.length > 0 ? installed : ['java']).flatMap(java => {
		const version = majorVersion(java);
		return version ? [{java, version}] : [];
	});
};

const canCompile = (): boolean => {
	try {
		execFileSync('javac', ['-version'], {stdio: 'ignore'});
		return true;
	} catch {
		return false;
	}
};

/** Every Java here that can run the zoo's program: 17 and later, with a compiler; none where there is no such. */
export const javas = canCompile() ? findJavas().filter(({version}) => version >= 17) : [];

let builds: string | undefined;

const classes = (): string => {
	if (builds === undefined) {
		const folder = mkdtempSync(path.join(tmpdir(), 'ctop-java-'));
		builds = folder;
		process.once('exit', () => rmSync(folder, {recursive: true, force: true}));
		execFileSync('javac', ['-encoding', 'UTF-8', '--release', '17', '-d', folder, source]);
	}

	return builds;
};

export type JavaProgram = {pid: number; stop: () => Promise<void>};

/** Starts test/zoo/Trouble.java; resolves when it has said that it is up. It ends with `stop`, with its input, and by itself. */
export const startJava = async (
	java: string,
	options: readonly string[],
	words: readonly string[],
): Promise<JavaProgram> => {
	const child = spawn(java, ['-Xmx64m', ...options, '-cp', classes(), 'Trouble', ...words], {
		stdio: ['pipe', 'pipe', 'ignore'],
	});
	const ended = once(child, 'exit');
	const ready = (async () => {
		for await (const line of createInterface({input: child.stdout})) {
			if (line === 'ready') {
				return;
			}
		}

		throw new Error(`${java} ${words.join(' ')} ended before it was ready`);
	})();
	await ready;
	return {
		pid: child.pid!,
		async stop() {
			child.stdin.end();
			const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
			await ended;
			clearTimeout(timer);
		},
	};
};
