import {execFile} from 'node:child_process';
import {chmodSync, cpSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {promisify} from 'node:util';
import type {Finding} from '../../source/model/finding.ts';
import type {Snapshot} from '../../source/model/snapshot.ts';

const root = path.join(import.meta.dirname, '../..');
const watchTimeoutMilliseconds = 60_000;
const nobody = 65_534;

/** `root`: may look into all processes (whoever runs this). `others`: an unprivileged user, who may not. */
export type Watcher = 'root' | 'others';

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

/** One Snapshot of the built program, after so many seconds. */
export const takeSnapshot = async (watcher: Watcher, seconds: number): Promise<Snapshot> => {
	const words = [
		path.join(programFolder(), 'bin/ctop.js'),
		'snapshot',
		'-o',
		'-',
		'--for',
		`${seconds}s`,
	];
	const command =
		watcher === 'root'
			? [process.execPath, ...words]
			: [
					'setpriv',
					`--reuid=${nobody}`,
					`--regid=${nobody}`,
					'--clear-groups',
					process.execPath,
					...words,
				];
	const {stdout} = await promisify(execFile)(command[0]!, command.slice(1), {
		timeout: watchTimeoutMilliseconds,
		maxBuffer: 256 * 1024 * 1024,
		cwd: '/',
	});
	return JSON.parse(stdout) as Snapshot;
};

/** The process and all that it started, directly or not. */
export const familyOf = ({processes}: Snapshot, pid: number): ReadonlySet<number> => {
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
	snapshot.findings.filter(({pid, pids}) =>
		pid === undefined ? pids.length > 0 && pids.every(each => family.has(each)) : family.has(pid),
	);
