import {execFile, spawn} from 'node:child_process';
import {once} from 'node:events';
import {chmodSync, cpSync, mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {createInterface} from 'node:readline';
import {promisify} from 'node:util';
import type {Finding} from '../../source/model/finding.ts';
import type {Snapshot} from '../../source/model/snapshot.ts';

const root = path.join(import.meta.dirname, '../..');
const watchTimeoutMilliseconds = 60_000;
const nobody = 65_534;

/** `root`: may look into all processes (whoever runs this). `others`: an unprivileged user, who may not. */
export type Watcher = 'root' | 'others';

const isAbout = ({pid, pids}: Finding, family: ReadonlySet<number>): boolean =>
	pid === undefined ? pids.length > 0 && pids.every(each => family.has(each)) : family.has(pid);

let copy: string | undefined;

/** The built program where everybody may read it. */
const programFolder = (): string => {
	if (copy === undefined) {
		const folder = mkdtempSync(path.join(tmpdir(), 'ctop-zoo-program-'));
		chmodSync(folder, 0o755);
		for (const part of ['bin', 'dist', 'package.json']) {
			cpSync(path.join(root, part), path.join(folder, part), {recursive: true});
		}

		process.once('exit', () => rmSync(folder, {recursive: true, force: true}));
		copy = folder;
	}

	return copy;
};

const commandOf = (watcher: Watcher, words: readonly string[]): readonly string[] => [
	...(watcher === 'root'
		? []
		: ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups']),
	process.execPath,
	path.join(programFolder(), 'bin/ctop.js'),
	...words,
];

/** One Snapshot of the built program, after so many seconds. */
export const takeSnapshot = async (watcher: Watcher, seconds: number): Promise<Snapshot> => {
	const command = commandOf(watcher, ['snapshot', '-o', '-', '--for', `${seconds}s`]);
	const {stdout} = await promisify(execFile)(command[0]!, command.slice(1), {
		timeout: watchTimeoutMilliseconds,
		maxBuffer: 256 * 1024 * 1024,
		cwd: '/',
	});
	return JSON.parse(stdout) as Snapshot;
};

/**
A finding about the watched program, how long after the start of ctop it was written out, and how long
ctop's main thread had been ready to run until then without being given a CPU.
*/
export type Shown = {
	finding: Finding;
	secondsAfterStart: number;
	secondsWaitedForCpu: number;
	isGone: boolean;
};

type Line =
	| ({kind: 'ctop.tick'} & Pick<Snapshot, 'processes'>)
	| ({kind: 'ctop.finding'; event: 'open' | 'close'} & Finding);

/** Second number of schedstat, in ns; Documentation/scheduler/sched-stats.rst of the kernel. */
const secondsWaitedForCpuBy = (pid: number): number =>
	Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1]) / 1e9;

/** What `ctop -b` says of a process and all that it started, line by line, for so many ticks. */
export const watchFamily = async (
	watcher: Watcher,
	pid: number,
	ticks: number,
): Promise<readonly Shown[]> => {
	const command = commandOf(watcher, ['-b', '--format', 'ndjson', '-n', String(ticks)]);
	const startedAt = performance.now();
	const child = spawn(command[0]!, command.slice(1), {
		cwd: '/',
		stdio: ['ignore', 'pipe', 'inherit'],
		timeout: watchTimeoutMilliseconds,
	});
	const exit = once(child, 'exit');
	const shown: Shown[] = [];
	let family: ReadonlySet<number> = new Set([pid]);
	for await (const text of createInterface({input: child.stdout})) {
		const secondsAfterStart = (performance.now() - startedAt) / 1000;
		const line = JSON.parse(text) as Line;
		if (line.kind === 'ctop.tick') {
			family = familyOf(line, pid);
		} else if (line.event === 'open') {
			if (isAbout(line, family)) {
				const secondsWaitedForCpu = secondsWaitedForCpuBy(child.pid!);
				shown.push({finding: line, secondsAfterStart, secondsWaitedForCpu, isGone: false});
			}
		} else {
			for (const each of shown) {
				const {rule, pid: of, since} = each.finding;
				each.isGone ||= rule === line.rule && of === line.pid && since === line.since;
			}
		}
	}

	const [code] = (await exit) as [number | null];
	if (code !== 0) {
		throw new Error(`ctop ended with ${code}`);
	}

	return shown;
};

/** The process and all that it started, directly or not. */
export const familyOf = (
	{processes}: Pick<Snapshot, 'processes'>,
	pid: number,
): ReadonlySet<number> => {
	const family = new Set([pid]);
	for (let size = 0; size < family.size; ) {
		size = family.size;
		for (const {pid: each, parentPid} of processes) {
			if (family.has(parentPid)) {
				family.add(each);
			}
		}
	}

	return family;
};

/** Findings about the family; one about the machine as a whole counts when it's about the family alone. */
export const findingsOf = (snapshot: Snapshot, family: ReadonlySet<number>): readonly Finding[] =>
	snapshot.findings.filter(finding => isAbout(finding, family));
