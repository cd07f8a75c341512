import {type ChildProcess, execFileSync, spawn} from 'node:child_process';
import {chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';

/** A PostgreSQL that listens on a socket of its own alone. */
export type Postgres = {
	pid: number;
	/** Processes that it has started. */
	children(): readonly number[];
	stop(): Promise<void>;
};

const versions = '/usr/lib/postgresql';
const nobody = 65_534;
const readyTimeoutMilliseconds = 60_000;

/** Where Debian keeps the newest one; undefined where there is none. */
export const postgresPrograms = (): string | undefined =>
	existsSync(versions)
		? readdirSync(versions)
				.sort((a, b) => Number(b) - Number(a))
				.map(version => path.join(versions, version, 'bin'))
				.find(folder => existsSync(path.join(folder, 'initdb')))
		: undefined;

const isReady = async (server: ChildProcess): Promise<boolean> =>
	new Promise(resolve => {
		let output = '';
		const timer = setTimeout(() => resolve(false), readyTimeoutMilliseconds);
		server.once('exit', () => resolve(false));
		server.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
			output += chunk;
			if (output.includes('ready to accept connections')) {
				clearTimeout(timer);
				resolve(true);
			}
		});
	});

/** Makes an empty database and starts its server, which refuses to be root. */
export const startPostgres = async (programs: string): Promise<Postgres> => {
	const folder = mkdtempSync(path.join(tmpdir(), 'ctop-postgres-'));
	const user = process.getuid?.() === 0 ? {uid: nobody, gid: nobody} : {};
	if (user.uid !== undefined) {
		chownSync(folder, nobody, nobody);
	}

	const data = path.join(folder, 'data');
	const options = {...user, cwd: folder, env: {...process.env, LC_ALL: 'C', HOME: folder}};
	execFileSync(
		path.join(programs, 'initdb'),
		['-D', data, '-A', 'trust', '-U', 'test', '--no-sync', '--no-instructions'],
		{...options, stdio: 'ignore'},
	);
	const server = spawn(
		path.join(programs, 'postgres'),
		['-D', data, '-c', 'listen_addresses=', '-c', `unix_socket_directories=${folder}`],
		{...options, stdio: ['ignore', 'ignore', 'pipe']},
	);
	const ended = new Promise(resolve => server.once('exit', resolve));
	const stop = async () => {
		// An immediate shutdown, of all its processes; see postgres(1).
		server.kill('SIGQUIT');
		await ended;
		rmSync(folder, {recursive: true, force: true});
	};

	if (!(await isReady(server))) {
		await stop();
		throw new Error('PostgreSQL does not start');
	}

	const pid = server.pid!;
	return {
		pid,
		children: () =>
			readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
				.split(' ')
				.filter(Boolean)
				.map(Number),
		stop,
	};
};
