import {expect, test} from 'vitest';
import type {System} from '../../source/model/system.js';
import type {WaitShare} from '../../source/model/wait.js';
import {type Crowd, processWith, running, untimed, watch} from './watched.js';

/** As Redis and a client in Ruby were measured, which asks it for one key at a time. */
const inEpoll = (sockets: number): WaitShare => ({
	...untimed('epoll', 'epoll_wait', 12),
	watches: {socket: sockets, pipe: 1},
});
const server: Crowd = {
	count: 1,
	voluntary: 16_923,
	cores: 0.393,
	waits: [inEpoll(2), running(88)],
};
const client: Crowd = {
	count: 1,
	voluntary: 16_922,
	cores: 0.462,
	waits: [untimed('poll', 'poll', 92), running(8)],
};

type Changes = {
	server?: Partial<Crowd>;
	client?: Partial<Crowd>;
	system?: Partial<System>;
};

const told = (changes: Changes = {}) =>
	watch(
		[
			processWith({pid: 1000, parentPid: 1, name: 'redis-server'}, {...server, ...changes.server}),
			processWith({pid: 2000, parentPid: 900, name: 'ruby'}, {...client, ...changes.client}),
		],
		{system: {tcpSegmentsReceivedPerSecond: 33_887, tcpAcceptsPerSecond: 0, ...changes.system}},
	).findings.filter(({rule}) => rule === 'ping-pong');

test('a server and its only client, which asks for one thing at a time, are told with how to ask for many', () => {
	const [finding] = told();
	expect(finding).toMatchObject({severity: 'warning', confidence: 'likely', pids: [1000, 2000]});
	expect(finding?.title).toBe(
		'Ping-pong: redis-server and ruby wake each other for each message, 16,900 times a second',
	);
	expect(finding?.fixes[0]?.what).toContain('pipeline');
});

test('they are told where the server puts its client aside before that can sleep', () => {
	const [finding] = told({client: {voluntary: 2160, involuntary: 14_762}});
	expect(finding?.title).toContain('16,900 times a second');
});

test.each<[string, Changes]>([
	['has many clients', {server: {waits: [inEpoll(30), running(88)]}}],
	['is asked several things at a time', {system: {tcpSegmentsReceivedPerSecond: 60_000}}],
	['has other clients too', {server: {voluntary: 25_000}}],
	['is connected to for each request', {system: {tcpAcceptsPerSecond: 4000}}],
	['is asked seldom', {server: {cores: 0.05}, client: {cores: 0.05}}],
	['works long for each request', {server: {cores: 1}, client: {cores: 1}}],
	['has a client that does something else meanwhile', {client: {waits: [running(100)]}}],
])('a server that %s is none', (_name, changes) => {
	expect(told(changes)).toEqual([]);
});
