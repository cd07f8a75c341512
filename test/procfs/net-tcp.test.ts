import {once} from 'node:events';
import {type AddressInfo, createServer} from 'node:net';
import {expect, it} from 'vitest';
import {formatTcpAddress, parseTcpSockets, readTcpSockets} from '../../source/procfs/net-tcp.js';

const head =
	'  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';

it('reads a listening socket with its queue, its user and its inode', () => {
	const line =
		'   0: 0100007F:1F90 00000000:0000 0A 00000000:00000081 00:00000000 00000000  1000        0 31337 1 0000000000000000 100 0 0 10 0\n';
	expect(parseTcpSockets(head + line)).toEqual([
		{
			localAddress: '0100007F',
			localPort: 8080,
			remoteAddress: '00000000',
			remotePort: 0,
			state: 'listen',
			sendQueue: 0,
			receiveQueue: 129,
			userId: 1000,
			inode: 31_337,
		},
	]);
});

it('reads time-wait lines, which are shorter and belong to nobody', () => {
	const line =
		' 101: 0100007F:C350 0100007F:1F90 06 00000000:00000000 03:00000D5C 00000000     0        0 0 3 0000000000000000\n';
	expect(parseTcpSockets(head + line)).toMatchObject([
		{state: 'time-wait', inode: 0, localPort: 50_000, remotePort: 8080},
	]);
});

it('reads addresses of 128 bits', () => {
	const line =
		'   0: 00000000000000000000000001000000:0016 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 7 1 0 100 0 0 10 0\n';
	expect(parseTcpSockets(head + line)).toMatchObject([{localPort: 22, state: 'listen'}]);
});

it('writes addresses as people do', () => {
	expect(formatTcpAddress('0100007F')).toBe('127.0.0.1');
	expect(formatTcpAddress('00000000')).toBe('*');
	expect(formatTcpAddress('00000000000000000000000001000000')).toBe('[::1]');
	expect(formatTcpAddress('B80D01200000000000000000BEBAFECA')).toBe('[2001:db8::cafe:babe]');
	expect(formatTcpAddress('0000000000000000FFFF00000100007F')).toBe('127.0.0.1');
});

it('finds a real listening socket by its port', async () => {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const {port} = server.address() as AddressInfo;
	const found = readTcpSockets('/proc/self/net/tcp')!.find(
		({localPort, state}) => localPort === port && state === 'listen',
	);
	server.close();
	expect(found).toMatchObject({localAddress: '0100007F', receiveQueue: 0});
});
