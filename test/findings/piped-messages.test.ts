import {expect, test} from 'vitest';
import type {PipeExchange, Process} from '../../source/model/process.js';
import {processWith, running, untimed, watch} from './watched.js';

/** As a Go program and its child were measured that exchange messages of 30 bytes. */
const traffic = {
	readsPerSecond: 60_000,
	readBytesPerSecond: 930_000,
	writesPerSecond: 30_000,
	writtenBytesPerSecond: 900_000,
};
const answering = {
	readsPerSecond: 30_000,
	readBytesPerSecond: 900_000,
	writesPerSecond: 30_000,
	writtenBytesPerSecond: 930_000,
};

/** No two threads wake equally often: whichever is free takes the next message. */
const shares = {parent: [0.5, 0.33, 0.17], child: [0.42, 0.26, 0.12]};
const threads = {voluntary: 18_000, cores: 0.4};

type Parts = {
	parent?: Partial<PipeExchange>;
	child?: Partial<PipeExchange>;
	crowd?: Partial<typeof threads>;
};

const go = (
	pid: number,
	parentPid: number,
	pipeExchange: PipeExchange,
	crowd: Parts['crowd'],
): Process => {
	const {voluntary, cores} = {...threads, ...crowd};
	return processWith(
		{pid, parentPid, name: 'plugin', pipeExchange},
		...shares[parentPid === 1 ? 'parent' : 'child'].map(share => ({
			count: 1,
			voluntary: voluntary * share,
			cores: cores * share,
			delayRatio: 0.4,
			waits: [untimed('futex', 'futex', 70), running(30)],
		})),
	);
};

const told = ({parent, child, crowd}: Parts = {}) =>
	watch([
		go(1000, 1, {...traffic, peerPids: [2000], ...parent}, crowd),
		go(2000, 1000, {...answering, peerPids: [1000], ...child}, crowd),
	]).findings.filter(({rule}) => rule === 'ping-pong');

test('parent and child that exchange a message at a time are told, whichever threads do it', () => {
	const [finding] = told();
	expect(finding).toMatchObject({severity: 'warning', confidence: 'likely', pids: [1000, 2000]});
	expect(finding?.title).toBe(
		'Ping-pong: plugin and its child plugin wake each other for each message, 14,400 times a second',
	);
	expect(finding?.evidence).toContainEqual({
		what: 'their size',
		value: 30,
		unit: 'bytes',
		source: '/proc/PID/io',
	});
});

test('a child that is sent blocks, or more than it answers, is not', () => {
	const large = {writtenBytesPerSecond: 3e8};
	expect(told({parent: large, child: {readBytesPerSecond: 3e8}})).toEqual([]);
	expect(told({child: {writesPerSecond: 10}})).toEqual([]);
});

test('a child that reads several messages at a time is not: nobody waits for its answers', () => {
	expect(told({child: {readsPerSecond: 12_000}})).toEqual([]);
});

test('what the one reads has to be what the other writes', () => {
	expect(told({child: {readBytesPerSecond: 2e6}})).toEqual([]);
	expect(told({child: {peerPids: []}, parent: {peerPids: []}})).toEqual([]);
});

test('two that wake seldom for so many messages, or work long on each, are not', () => {
	expect(told({crowd: {voluntary: 5000}})).toEqual([]);
	expect(told({crowd: {cores: 1.9}})).toEqual([]);
});

test('several children of one parent are told together', () => {
	const child = {...answering, peerPids: [1000]};
	const twice = Object.fromEntries(
		Object.entries(traffic).map(([name, rate]) => [name, rate * 2]),
	) as typeof traffic;
	const {findings} = watch([
		go(1000, 1, {...twice, peerPids: [2000, 3000]}, {voluntary: 80_000}),
		go(2000, 1000, child, {}),
		go(3000, 1000, child, {voluntary: 25_000}),
	]);
	expect(findings.map(({rule, pids}) => [rule, pids])).toEqual([['ping-pong', [1000, 2000, 3000]]]);
});
