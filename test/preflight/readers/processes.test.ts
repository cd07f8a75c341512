import {spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, readdirSync, rmSync} from 'node:fs';
import {type AddressInfo, createServer} from 'node:net';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {createInterface} from 'node:readline';
import {expect, it} from 'vitest';
import {checkLoad} from '../../../source/preflight/checks/load.js';
import {findPlace} from '../../../source/preflight/place.js';
import {readKernel} from '../../../source/preflight/readers/kernel.js';
import {readProcesses} from '../../../source/preflight/readers/processes.js';
import {readSockets} from '../../../source/preflight/readers/sockets.js';

const place = findPlace('/proc');
const hasCompiler = spawnSync('cc', ['--version']).status === 0;

it("counts this process's own descriptors and threads, and finds its limit", async () => {
	const {processes} = await readProcesses(place, new Set());
	const own = processes.find(({pid}) => pid === process.pid);
	// Reading the directory takes a descriptor for as long as it lasts; the pool of threads may open one too.
	expect(
		Math.abs(Number(own?.openFiles) - readdirSync('/proc/self/fd').length),
	).toBeLessThanOrEqual(2);
	expect(own?.userId).toBe(process.getuid?.());
	expect(own?.threads).toBeGreaterThan(1);
	const [, limit] = /^(\S+)/.exec(spawnSync('sh', ['-c', 'ulimit -Sn']).stdout.toString()) ?? [];
	expect(own?.limits?.openFiles).toBeGreaterThanOrEqual(
		limit === 'unlimited' ? Infinity : Number(limit),
	);
});

it('leaves kernel threads out, which have no limits', async () => {
	const {processes} = await readProcesses(place, new Set());
	expect(processes.map(({name}) => name)).not.toContain('kthreadd');
});

it('finds who listens on a socket', async () => {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const {port} = server.address() as AddressInfo;
	const {sockets} = await readSockets(place);
	const inode = sockets!.find(
		({localPort, state}) => localPort === port && state === 'listen',
	)!.inode;
	const {socketOwners} = await readProcesses(place, new Set([inode]));
	server.close();
	expect(socketOwners.get(inode)?.pid).toBe(process.pid);
});

it.skipIf(!hasCompiler)(
	'finds a thread in uninterruptible sleep, which the load counts',
	async () => {
		const directory = mkdtempSync(path.join(tmpdir(), 'ctop-uninterruptible-'));
		const file = path.join(directory, 'uninterruptible');
		const source = path.join(import.meta.dirname, '../trouble/uninterruptible.c');
		expect(spawnSync('cc', ['-o', file, source]).stderr.toString()).toBe('');
		const child = spawn(file, {stdio: ['ignore', 'pipe', 'inherit']});
		const [line] = (await once(createInterface({input: child.stdout}), 'line')) as [string];
		const [parent, sleeper] = line.split(' ').map(Number);
		try {
			const kernel = [readKernel(place)];
			const first = await readProcesses(place, new Set());
			const last = await readProcesses(place, new Set());
			kernel.push(readKernel(place));
			const found = last.uninterruptible.find(({pid}) => pid === parent);
			expect(found).toMatchObject({tid: parent, name: 'uninterruptible'.slice(0, 15)});
			const check = checkLoad(kernel, {first, last, seconds: 1});
			expect(check.details.join('\n')).toMatch(
				new RegExp(`${parent}/${parent} +uninterruptible +in `),
			);
			expect(
				check.measurements.find(({what}) => what.includes('uninterruptible'))?.value,
			).toBeGreaterThanOrEqual(1);
		} finally {
			process.kill(sleeper!, 'SIGKILL');
			rmSync(directory, {recursive: true, force: true});
		}
	},
);

it('asks no thread what the caller knows', async () => {
	const known = [{pid: 1, tid: 1, name: 'init', waitChannel: 'rpc_wait'}];
	const {uninterruptible} = await readProcesses(place, new Set(), known);
	expect(uninterruptible).toEqual(known);
});
