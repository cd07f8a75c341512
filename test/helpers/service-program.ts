import {type ChildProcess, spawn} from 'node:child_process';
import {mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';

/** A server of this machine, started for a test in a folder of its own. */
export type ServiceProgram = {
	pid: number;
	/** It, and all processes that it has started and that still live. */
	family(): readonly number[];
	stop(): Promise<void>;
};

export type ServiceStart = {
	command: string;
	/** Words of its command line; `folder` is where its files are, and where it runs. */
	words: (folder: string) => readonly string[];
	/** Files that it needs: their names, and what is in them. */
	files?: Readonly<Record<string, (folder: string) => string>>;
	environment?: Readonly<Record<string, string>>;
};

const endTimeoutMilliseconds = 10_000;

/** The program's path; undefined where PATH and the folders of servers have none. */
export const findProgramFile = (name: string): string | undefined => {
	const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/usr/local/sbin'];
	for (const folder of folders) {
		try {
			if (folder !== '' && readdirSync(folder).includes(name)) {
				return path.join(folder, name);
			}
		} catch {
			// A folder that isn't there has no programs.
		}
	}

	return undefined;
};

type Identity = {parent: number; start: string};

/** All processes, with what tells one from a later one of the same id. */
const allProcesses = (): ReadonlyMap<number, Identity> =>
	new Map(
		readdirSync('/proc')
			.filter(name => /^\d+$/.test(name))
			.flatMap(name => {
				try {
					const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
					const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
					return [[Number(name), {parent: Number(fields[1]), start: fields[19]!}] as const];
				} catch {
					return [];
				}
			}),
	);

const familyOf = (pid: number): ReadonlyMap<number, Identity> => {
	const all = allProcesses();
	const isInside = (each: number): boolean => {
		for (let at: number | undefined = each; at !== undefined && at > 0; at = all.get(at)?.parent) {
			if (at === pid) {
				return true;
			}
		}

		return false;
	};

	return new Map([...all].filter(([each]) => isInside(each)));
};

const kill = (pid: number, signal: NodeJS.Signals): void => {
	try {
		process.kill(pid, signal);
	} catch {
		// It has ended already.
	}
};

/** Starts it; it is ended with its whole family by `stop`. */
export const startService = ({
	command,
	words,
	files = {},
	environment = {},
}: ServiceStart): ServiceProgram => {
	const folder = mkdtempSync(path.join(tmpdir(), 'ctop-service-'));
	for (const [name, content] of Object.entries(files)) {
		mkdirSync(path.dirname(path.join(folder, name)), {recursive: true});
		writeFileSync(path.join(folder, name), content(folder));
	}

	const child: ChildProcess = spawn(command, words(folder), {
		cwd: folder,
		stdio: ['pipe', 'ignore', process.env['CTOP_SHOW_SERVICES'] ? 'inherit' : 'ignore'],
		env: {...process.env, ...environment},
	});
	const ended = new Promise<void>(resolve => {
		child.once('exit', () => resolve());
		child.once('error', () => resolve());
	});
	const {pid = 0} = child;
	return {
		pid,
		family: () => [...familyOf(pid).keys()],
		async stop() {
			const family = familyOf(pid);
			child.stdin?.end();
			child.kill('SIGTERM');
			const timer = setTimeout(() => child.kill('SIGKILL'), endTimeoutMilliseconds);
			await ended;
			clearTimeout(timer);
			// Those that it left behind.
			const left = allProcesses();
			for (const [each, {start}] of family) {
				if (left.get(each)?.start === start) {
					kill(each, 'SIGKILL');
				}
			}

			rmSync(folder, {recursive: true, force: true});
		},
	};
};
