import {expect, test} from 'vitest';
import type {Process} from '../../source/model/process.js';
import {type Crowd, processWith, watch} from './watched.js';

/** As a Go program and its child were measured that exchange messages, each by four threads and more. */
type Side = {wakes: number; cores: number; systemShare: number; shares: readonly number[]};

const asking: Side = {wakes: 42_950, cores: 0.46, systemShare: 0.87, shares: [0.67, 0.33]};
const answering: Side = {
	wakes: 42_760,
	cores: 0.37,
	systemShare: 0.85,
	shares: [0.44, 0.27, 0.2, 0.09],
};

const refused = (pid: number, parentPid: number, side: Side): Process => {
	const {wakes, cores, systemShare, shares} = side;
	const crowds = shares.map(
		(share): Crowd => ({
			count: 1,
			voluntary: wakes * share,
			cores: cores * share,
			delayRatio: 0.35,
			wait: null,
		}),
	);
	return processWith(
		{pid, parentPid, name: 'plugin', systemCpuPercent: cores * 100 * systemShare},
		...crowds,
	);
};

const told = (
	parent: Partial<Side> = {},
	child: Partial<Side> = {},
	{parentPid = 1000, segments = 0} = {},
) =>
	watch(
		[refused(1000, 1, {...asking, ...parent}), refused(2000, parentPid, {...answering, ...child})],
		{system: {tcpSegmentsReceivedPerSecond: segments}},
	).findings.filter(({rule}) => rule === 'ping-pong');

test("another user's process and its child that wake equally often, by whichever threads, possibly exchange messages", () => {
	const [finding, ...more] = told();
	expect(more).toEqual([]);
	expect(finding).toMatchObject({severity: 'notice', confidence: 'possible', pids: [1000, 2000]});
	expect(finding?.title).toBe(
		'Ping-pong: plugin and its child plugin wake each other for each message, 42,800 times a second',
	);
	expect(finding?.evidence.map(({what, value, unit}) => `${what}: ${value} ${unit}`)).toContain(
		'CPU of both together, who work by turns: 83 %',
	);
});

test.each<[string, Partial<Side>, Partial<Side>]>([
	['reads lines that it need not answer', {wakes: 1579, cores: 0.96}, {wakes: 47_900, cores: 0.68}],
	['answers late', {wakes: 34_200, cores: 1.08}, {wakes: 3770, cores: 0.7}],
	['takes blocks', {wakes: 40_700, cores: 0.47}, {wakes: 10_400, cores: 0.53}],
	['wakes half as often', {}, {wakes: 22_000}],
	['works at the same time', {cores: 0.8}, {cores: 0.8}],
	['computes for each message', {systemShare: 0.2}, {}],
	['wakes seldom', {wakes: 2000}, {wakes: 2000}],
])('a child that %s does not', (_name, parent, child) => {
	expect(told(parent, child)).toEqual([]);
});

test('two that are no relatives do not, nor where packets may wake them', () => {
	expect(told({}, {}, {parentPid: 1})).toEqual([]);
	expect(told({}, {}, {segments: 20_000})).toEqual([]);
});
