import {type ChildProcess, execFileSync, spawn, spawnSync} from 'node:child_process';
import {existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {afterEach, describe, expect, test} from 'vitest';
import {createFindingsEngine} from '../../source/findings/engine.js';
import {rules} from '../../source/findings/rules.js';
import type {Finding} from '../../source/model/finding.js';
import type {ThreadPool} from '../../source/model/process.js';
import type {Snapshot} from '../../source/model/snapshot.js';
import type {Thread} from '../../source/model/thread.js';
import {endChild} from '../helpers/child.js';
import {processIn, type Watched, watchTarget} from './watched.js';

let child: ChildProcess | undefined;
let watched: Watched | undefined;

afterEach(async () => {
	watched?.close();
	watched = undefined;
	await endChild(child);
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
`;

const start = (node: string, size: number, jobs: readonly number[], more = ''): number => {
	child = spawn(node, ['-e', program + more, ...jobs.map(String)], {
		stdio: ['pipe', 'ignore', 'ignore'],
		env: {...process.env, UV_THREADPOOL_SIZE: String(size)},
	});
	watched = watchTarget();
	return child.pid!;
};

const begin = (node: string, size: number, ...jobs: readonly number[]): number => {
	const pid = start(node, size, jobs, 'setInterval(() => {}, 200)');
	watched!.setFocus([pid]);
	return pid;
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

	test.skipIf(!isKnown)(
		'is read where its threads sleep in their jobs, whoever looks at it',
		async () => {
			const pid = begin(node, 4, 4, 3, 0);
			watched!.setFocus([]);
			const pool = await untilPool(pid, ({queuedJobs}) => queuedJobs === 3);
			expect(pool.threadCount).toBe(4);
		},
	);

	test.skipIf(!isKnown)('is read where the whole process has come to rest behind it', async () => {
		const pid = start(node, 4, [4, 3, 0]);
		await untilPool(pid, () => true);
		// At rest for some ticks by now, and read all the same.
		for (let tick = 0; tick < 3; tick++) {
			await watched!.tick();
		}

		const pool = await untilPool(pid, ({queuedPercent}) => queuedPercent === 100);
		expect(pool).toMatchObject({threadCount: 4, busyThreads: 4, queuedJobs: 3});
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

/** A name server that never answers, in place of the machine's for this one process; and lookups that have to wait for it. */
const programOfLookups = `
const socket = require('dgram').createSocket('udp4');
socket.bind(53, '127.77.0.53', () => {
	for (let index = 0; index < 14; index++) {
		require('dns').lookup('host' + index + '.example.test', () => {});
	}
});
`;

const hasOwnMounts = spawnSync('unshare', ['-m', 'true']).status === 0;

test.skipIf(!hasOwnMounts || !hasSymbols(process.execPath))(
	'name lookups take half of the pool and no more, and those behind them are told as lookups',
	async () => {
		const folder = mkdtempSync(path.join(tmpdir(), 'ctop-names-'));
		try {
			writeFileSync(
				path.join(folder, 'resolv.conf'),
				'nameserver 127.77.0.53\noptions timeout:30\n',
			);
			const mount = `mount --bind '${folder}/resolv.conf' /etc/resolv.conf && exec "$@"`;
			child = spawn(
				'unshare',
				['-m', 'sh', '-c', mount, '-', process.execPath, '-e', programOfLookups],
				{stdio: ['pipe', 'ignore', 'ignore'], env: {...process.env, UV_THREADPOOL_SIZE: '4'}},
			);
			const pid = child.pid!;
			watched = watchTarget();
			watched.setFocus([pid]);
			const history: Snapshot[] = [];
			const engine = createFindingsEngine(rules);
			let found: readonly Finding[] = [];
			const snapshot = await watched.tickUntil(each => {
				history.push(each);
				found = engine
					.evaluate(history.slice(-60))
					.findings.filter(({rule, pids}) => rule === 'pool-saturated' && pids.includes(pid));
				return found.length > 0;
			}, 50);
			expect(processIn(snapshot, pid)?.runtime?.threadPool).toMatchObject({
				threadCount: 4,
				queuedJobs: 12,
				queuedLookups: 12,
			});
			expect(found).toMatchObject([
				{
					confidence: 'certain',
					title: expect.stringContaining('12 lookups wait until one of 2 threads has its answer'),
				},
			]);
		} finally {
			rmSync(folder, {recursive: true, force: true});
		}
	},
);

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
