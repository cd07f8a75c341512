import {spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {readdirSync} from 'node:fs';
import {type AddressInfo, createServer} from 'node:net';
import process from 'node:process';
import {expect, it} from 'vitest';
import {findPlace} from '../../../source/preflight/place.js';
import {readProcesses} from '../../../source/preflight/readers/processes.js';
import {readSockets} from '../../../source/preflight/readers/sockets.js';

const place = findPlace('/proc');

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
