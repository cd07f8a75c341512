import {spawn} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {build} from 'esbuild';
import type {Check, Measurement, Preflight} from '../../source/model/preflight.js';

const command = path.join(import.meta.dirname, '../../source/commands/preflight.ts');

/** The pre-flight's command as a program of its own, so that it can be run inside other namespaces. */
export type PreflightProgram = {file: string; directory: string; remove: () => void};

/** Builds the command alone; it takes a format, the seconds to watch and what to fail on as arguments. */
export const buildPreflightProgram = async (): Promise<PreflightProgram> => {
	const directory = mkdtempSync(path.join(tmpdir(), 'ctop-preflight-'));
	const file = path.join(directory, 'preflight.mjs');
	await build({
		stdin: {
			contents: `
				import process from 'node:process';
				import {runPreflight} from ${JSON.stringify(command)};
				const [format, seconds, failOn] = process.argv.slice(2);
				process.exit(await runPreflight({procRoot: '/proc', forSeconds: Number(seconds), format, failOn}));
			`,
			resolveDir: path.dirname(command),
			loader: 'ts',
		},
		outfile: file,
		bundle: true,
		platform: 'node',
		format: 'esm',
		target: 'node20',
		logLevel: 'warning',
		banner: {
			js: "import {createRequire} from 'node:module'; const require = createRequire(import.meta.url);",
		},
	});
	return {file, directory, remove: () => rmSync(directory, {recursive: true, force: true})};
};

/** Less than a test has, so that nothing of it stays behind. */
const scriptTimeoutMilliseconds = 50_000;

export type ScriptResult = {code: number | null; output: string; errors: string};

/** Runs a shell script to its end, with NODE, PREFLIGHT and WORK (a directory for it alone) in its environment. */
export const runScript = (
	program: PreflightProgram,
	script: string,
	before: readonly string[] = [],
): Promise<ScriptResult> =>
	new Promise((resolve, reject) => {
		const [file, ...parameters] = [...before, 'sh', '-euc', script];
		const child = spawn(file!, parameters, {
			env: {
				...process.env,
				LC_ALL: 'C.UTF-8',
				NODE: process.execPath,
				PREFLIGHT: program.file,
				WORK: program.directory,
			},
			stdio: ['ignore', 'pipe', 'pipe'],
			timeout: scriptTimeoutMilliseconds,
			killSignal: 'SIGKILL',
		});
		const chunks: Record<'output' | 'errors', string> = {output: '', errors: ''};
		child.stdout.setEncoding('utf8').on('data', (text: string) => {
			chunks.output += text;
		});
		child.stderr.setEncoding('utf8').on('data', (text: string) => {
			chunks.errors += text;
		});
		child.on('error', reject);
		child.on('close', code => resolve({code, ...chunks}));
	});

const probes = {'-rm': 'mount -t tmpfs ctop-test /tmp', '-rn': 'ip link set lo up'} as const;

/** Whether a namespace of one's own can be made here and used: with mounts (`-rm`) or with a network (`-rn`). */
export const canUnshare = async (flags: keyof typeof probes): Promise<boolean> => {
	try {
		const probe: PreflightProgram = {file: '', directory: '/', remove: () => {}};
		return (await runScript(probe, probes[flags], ['unshare', flags])).code === 0;
	} catch {
		return false;
	}
};

/** Parts of a script's output, by the lines of `== name` in it. */
export const sections = (output: string): ReadonlyMap<string, string> =>
	new Map(
		output
			.split(/^== /m)
			.slice(1)
			.map(part => {
				const end = part.indexOf('\n');
				return [part.slice(0, end), part.slice(end + 1)];
			}),
	);

export const parsePreflight = (text: string | undefined): Preflight => JSON.parse(text ?? '');

export const checkOf = ({checks}: Preflight, id: string): Check => {
	const check = checks.find(candidate => candidate.id === id);
	if (!check) {
		throw new Error(`no check ${id} among ${checks.map(candidate => candidate.id).join(', ')}`);
	}

	return check;
};

export const measurementOf = (check: Check, what: string): Measurement => {
	const found = check.measurements.find(measurement => measurement.what === what);
	if (!found) {
		throw new Error(`no '${what}' among ${check.measurements.map(each => each.what).join('; ')}`);
	}

	return found;
};
