import {type ChildProcess, execFileSync, spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, mkdtempSync, realpathSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {afterEach, describe, expect, test} from 'vitest';
import type {ThreadPool} from '../../source/model/process.js';
import type {Thread} from '../../source/model/thread.js';
import {processIn, type Watched, watchTarget} from './watched.js';

let child: ChildProcess | undefined;
let watched: Watched | undefined;

afterEach(async () => {
	watched?.close();
	watched = undefined;
	if (child && child.exitCode === null && child.signalCode === null) {
		const ended = once(child, 'exit');
		child.kill('SIGKILL');
		await ended;
	}

	child = undefined;
});

/** Reads a byte of its input for each of the first words' numbers, each in a thread of the pool; then asks for what has to wait. */
const program = `
const fs = require('fs');
const dns = require('dns');
const [reads, files, lookups] = process.argv.slice(1).map(Number);
const start = (count, job) => { for (let index = 0; index < count; index++) job(); };
start(reads, () => fs.read(0, Buffer.alloc(1), 0, 1, null, () => {}));
start(files, () => fs.stat('/', () => {}));
start(lookups, () => dns.lookup('localhost', () => {}));
setInterval(() => {}, 60_000);
`;

const begin = (node: string, size: number, ...jobs: readonly number[]): number => {
	child = spawn(node, ['-e', program, ...jobs.map(String)], {
		stdio: ['pipe', 'ignore', 'ignore'],
		env: {...process.env, UV_THREADPOOL_SIZE: String(size)},
	});
	watched = watchTarget();
	watched.setFocus([child.pid!]);
	return child.pid!;
};

const untilPool = async (
	pid: number,
	shows: (pool: ThreadPool) => boolean,
): Promise<ThreadPool> => {
	const poolIn = (snapshot: Awaited<ReturnType<Watched['tick']>>) =>
		processIn(snapshot, pid)?.runtime?.threadPool;
	const snapshot = await watched!.tickUntil(each => {
		const pool = poolIn(each);
		return pool !== undefined && shows(pool);
	}, 20);
	return poolIn(snapshot)!;
};

/** That of the tests, and the system's, which may be of another version. */
const nodes = [
	...new Set(
		[process.execPath, '/usr/bin/node'].filter(existsSync).map(file => realpathSync(file)),
	),
];

const hasSymbols = (node: string): boolean => {
	const {stdout, status} = spawnSync('nm', [node], {encoding: 'utf8', maxBuffer: 2 ** 28});
	return status !== 0 || stdout.includes(' run_slow_work_message\n');
};

describe.each(nodes)('the pool of %s', node => {
	const isKnown = hasSymbols(node);

	test.skipIf(!isKnown)('has as many jobs in its queue as the program has asked for', async () => {
		const pid = begin(node, 4, 4, 28, 5);
		const pool = await untilPool(pid, ({queuedJobs}) => queuedJobs === 33);
		expect(pool).toMatchObject({
			threadCount: 4,
			lookupThreads: 0,
			queuedJobs: 33,
			queuedLookups: 5,
		});

		// Nothing changes any more: an interval of its own tells the same.
		watched!.look();
		const {busyThreads, queuedPercent} = await untilPool(pid, () => true);
		expect({busyThreads, queuedPercent}).toEqual({busyThreads: 4, queuedPercent: 100});

		// Two bytes: two threads are free, and all that waits is soon done.
		child!.stdin!.write('..');
		const after = await untilPool(pid, ({busyThreads: busy}) => busy === 2);
		expect(after).toEqual({
			threadCount: 4,
			busyThreads: 2,
			lookupThreads: 0,
			queuedPercent: 0,
			queuedJobs: 0,
			queuedLookups: 0,
		});
	});

	test.skipIf(!isKnown)('tells which threads are its own, however many it has', async () => {
		const pid = begin(node, 9, 1, 0, 0);
		const poolIn = (snapshot: Awaited<ReturnType<Watched['tick']>>) =>
			processIn(snapshot, pid)?.threads.filter(({role}) => role?.startsWith('libuv pool')) ?? [];
		// The one that reads the program's input is one of them.
		const reads = ({wait}: Thread) => wait?.call === 'read';
		const snapshot = await watched!.tickUntil(
			each => poolIn(each).length === 9 && processIn(each, pid)!.threads.some(reads),
			20,
		);
		expect(processIn(snapshot, pid)!.threads.filter(reads)).toEqual(poolIn(snapshot).filter(reads));
	});
});

const hasStrip = spawnSync('strip', ['--version']).status === 0;

test.skipIf(!hasStrip)(
	'where the symbols were taken away, the hint says that the queue is not known',
	async () => {
		const folder = mkdtempSync(path.join(tmpdir(), 'ctop-node-'));
		try {
			const node = path.join(folder, 'node');
			execFileSync('strip', ['-o', node, process.execPath]);
			const pid = begin(node, 4, 4, 28, 0);
			const snapshot = await watched!.tickUntil(
				each => processIn(each, pid)?.runtime?.hint?.includes('queues') === true,
				20,
			);
			expect(processIn(snapshot, pid)?.runtime).toMatchObject({
				name: 'node',
				hint: expect.stringContaining('node has no symbols of its own'),
			});
			expect(processIn(snapshot, pid)?.runtime?.threadPool).toBeUndefined();
		} finally {
			rmSync(folder, {recursive: true, force: true});
		}
	},
);
