import {type ChildProcess, spawn, spawnSync} from 'node:child_process';
import {existsSync} from 'node:fs';
import process from 'node:process';
import {afterEach, expect, test} from 'vitest';
import type {Process} from '../../source/model/process.js';
import type {Snapshot} from '../../source/model/snapshot.js';
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

const begin = (command: string, ...words: string[]): number => {
	child = spawn(command, words, {stdio: ['pipe', 'ignore', 'ignore']});
	watched = watchTarget();
	watched.setFocus([child.pid!]);
	return child.pid!;
};

const until = async (pid: number, shows: (program: Process) => boolean): Promise<Process> => {
	const isSo = (snapshot: Snapshot) => {
		const program = processIn(snapshot, pid);
		return program !== undefined && shows(program);
	};
	return processIn(await watched!.tickUntil(isSo, 50), pid)!;
};

const rolesIn = ({threads}: Process): readonly (string | undefined)[] =>
	threads.map(({role}) => role?.split(':')[0]);

const programOfNode = `
setInterval(() => require('fs').readFile('/proc/version', () => {}), 20);
new (require('worker_threads').Worker)('setInterval(() => {}, 100)', {eval: true});
`;

test('the loop of Node.js, its pool and a worker thread', async () => {
	const pid = begin(process.execPath, '-e', programOfNode);
	const wanted = ['event loop', 'libuv pool', 'worker thread, with its own event loop'];
	const program = await until(pid, each => wanted.every(role => rolesIn(each).includes(role)));
	expect(program.runtime).toMatchObject({name: 'node'});
	expect(program.threads.find(({tid}) => tid === pid)?.role).toBe('event loop');
	expect(rolesIn(program).filter(role => role === 'libuv pool')).toHaveLength(4);
	expect(program.runtime?.hint).toContain(String(pid));
});

const esbuild = `node_modules/@esbuild/linux-${process.arch}/bin/esbuild`;

test.skipIf(!existsSync(esbuild))('a program of Go, with what its threads do', async () => {
	const pid = begin(esbuild, '--serve=127.0.0.1:0', '--servedir=test/fixtures');
	const program = await until(pid, each => rolesIn(each).some(role => role?.startsWith('idle M')));
	expect(program.runtime).toMatchObject({
		name: 'go',
		hint: expect.stringContaining('pprof'),
	});
});

const hasRuby = spawnSync('ruby', ['--version']).status === 0;
const programOfRuby = `
queue = Queue.new
Thread.new { queue.pop }.name = 'popper'
2.times { Thread.new { loop { 1000.times {} } }.name = 'computes' }
sleep 120
`;

test.skipIf(!hasRuby)(
	'threads of Ruby whose turn is over wait for the GVL, one at a queue does not',
	async () => {
		const pid = begin('ruby', '-e', programOfRuby);
		const waits = "waits for Ruby's lock (GVL)";
		const program = await until(pid, each => rolesIn(each).includes(waits));
		const waiting = program.threads.filter(({role}) => role === waits).map(({name}) => name);
		expect(new Set(waiting)).toEqual(new Set(['computes']));
	},
);
