import {describe, expect, it} from 'vitest';
import {checkSockets} from '../../../source/preflight/checks/sockets.js';
import type {TcpSocket} from '../../../source/procfs/net-tcp.js';
import {socketsReading, still} from '../../helpers/preflight-readings.js';

const socket = (changes: Partial<TcpSocket>): TcpSocket => ({
	localAddress: '0100007F',
	localPort: 8080,
	remoteAddress: '00000000',
	remotePort: 0,
	state: 'listen',
	sendQueue: 0,
	receiveQueue: 0,
	userId: 0,
	inode: 7,
	...changes,
});
const owners = new Map([[7, {pid: 42, name: 'gunicorn'}]]);
const look = (changes: Parameters<typeof socketsReading>[0]) =>
	checkSockets(still(socketsReading(changes)), owners);

describe('listen queues', () => {
	it('are full when one more waits than the backlog says', () => {
		const check = look({sockets: [socket({receiveQueue: 129})], backlogs: new Map([[7, 128]])});
		expect(check).toMatchObject({
			verdict: 'bad',
			summary:
				'listen queue of 127.0.0.1:8080, gunicorn (42): 129 connections wait, the queue takes 129',
		});
		expect(
			look({sockets: [socket({receiveQueue: 60})], backlogs: new Map([[7, 128]])}).verdict,
		).toBe('ok');
	});

	it('take one more than the backlog before they are full', () => {
		const check = look({sockets: [socket({receiveQueue: 128})], backlogs: new Map([[7, 128]])});
		expect(check.verdict).toBe('watch');
	});

	it('are found by what was dropped where the backlog is not told', () => {
		const span = {
			first: socketsReading({counters: new Map([['TcpExt.ListenOverflows', 5]])}),
			last: socketsReading({
				counters: new Map([['TcpExt.ListenOverflows', 25]]),
				sockets: [socket({receiveQueue: 5})],
			}),
			seconds: 2,
		};
		expect(checkSockets(span, owners)).toMatchObject({
			verdict: 'bad',
			summary:
				'20 connections found a listen queue full, the longest is that of 127.0.0.1:8080, gunicorn (42): 5 connections wait',
		});
	});

	it('are not bad for what they dropped before', () => {
		expect(look({counters: new Map([['TcpExt.ListenOverflows', 25]])}).verdict).toBe('ok');
	});
});

describe('ephemeral ports', () => {
	const connection = (port: number, remotePort: number): TcpSocket =>
		socket({state: 'time-wait', localPort: port, remoteAddress: '0100000A', remotePort, inode: 0});

	it('run out towards one destination, time-wait included', () => {
		const sockets = Array.from({length: 600}, (_, index) => connection(40_000 + index, 5432));
		expect(look({sockets})).toMatchObject({
			verdict: 'watch',
			summary: expect.stringContaining(
				'600 of 1,000 ephemeral ports are taken towards 10.0.0.1:5432',
			),
		});
	});

	it('serve several destinations at a time', () => {
		const sockets = Array.from({length: 600}, (_, index) => connection(40_000 + index, index));
		expect(look({sockets}).verdict).toBe('ok');
	});

	it('are not taken by connections that came in', () => {
		const sockets = [
			socket({localPort: 40_500}),
			...Array.from({length: 600}, () => socket({state: 'established', localPort: 40_500})),
		];
		expect(look({sockets}).verdict).toBe('ok');
	});
});

it('notices segments that are sent again, once enough were sent', () => {
	const span = (sent: number, again: number) => ({
		first: socketsReading({
			counters: new Map([
				['Tcp.OutSegs', 0],
				['Tcp.RetransSegs', 0],
			]),
		}),
		last: socketsReading({
			counters: new Map([
				['Tcp.OutSegs', sent],
				['Tcp.RetransSegs', again],
			]),
		}),
		seconds: 2,
	});
	expect(checkSockets(span(1000, 60), owners)).toMatchObject({
		verdict: 'bad',
		summary: expect.stringContaining('6 % of the TCP segments'),
	});
	expect(checkSockets(span(20, 20), owners).verdict).toBe('ok');
});

it('names who does not close what the other side closed', () => {
	const sockets = Array.from({length: 150}, () => socket({state: 'close-wait'}));
	expect(look({sockets}).summary).toBe(
		'150 connections in close-wait: the other side closed them, gunicorn (42) did not (150)',
	);
});

it('holds time-wait, orphans, memory and conntrack against their limits', () => {
	const full = (name: string) =>
		new Map([
			['sockets.used', 1],
			[name, 990],
		]);
	expect(look({counts: full('TCP.tw')}).summary).toContain('time-wait: 990 of 1,000 (99 %)');
	expect(look({counts: full('TCP.orphan')}).summary).toContain(
		'orphaned connections: 990 of 1,000',
	);
	expect(look({counts: new Map([['TCP.mem', 96]])}).summary).toContain('memory for TCP: 96 of 100');
	expect(look({conntrack: {used: 97, maximum: 100}})).toMatchObject({
		verdict: 'bad',
		summary: expect.stringContaining('conntrack'),
	});
});

it('notices datagrams that a receiver was too slow for', () => {
	const span = {
		first: socketsReading({counters: new Map([['Udp.RcvbufErrors', 1]])}),
		last: socketsReading({counters: new Map([['Udp.RcvbufErrors', 4]])}),
		seconds: 2,
	};
	expect(checkSockets(span, owners).summary).toContain('3 UDP datagrams lost');
});

it('is unknown where the files were refused', () => {
	expect(look({counts: null, sockets: null})).toMatchObject({
		verdict: 'unknown',
		reason: expect.stringContaining('/proc/net/sockstat could not be read'),
	});
});
