import {describe, expect, test} from 'vitest';
import type {Process} from '../../source/model/process.js';
import type {System} from '../../source/model/system.js';
import type {WaitShare} from '../../source/model/wait.js';
import {forked, processWith, running, untimed, watch} from './watched.js';

const loopWait = (watches?: WaitShare['watches']): WaitShare => ({
	...untimed('epoll', 'epoll_pwait', 46),
	...(watches && {watches}),
});

const ofNode = {eventfd: 1, pipe: 1, socket: 1};

/** As Node's event loop was measured that exchanges messages with a child. */
const loop = (watches?: WaitShare['watches'], voluntary = 16_700, cores = 0.37) => ({
	count: 1,
	voluntary,
	involuntary: 3000,
	cores,
	delayRatio: 0.15,
	waits: [loopWait(watches), running(54)],
});

const parentAndChild = (
	one: ReturnType<typeof loop>,
	other: ReturnType<typeof loop>,
	parentPid = 1000,
): Process[] => [
	processWith({pid: 1000, name: 'node', parentPid: 1}, one),
	processWith({pid: 2000, name: 'node', parentPid}, other),
];

const told = (processes: readonly Process[], system?: Partial<System>) =>
	watch(processes, system ? {system} : {}).findings.map(
		({rule, confidence}) => `${rule} ${confidence}`,
	);

describe('two event loops', () => {
	test('that watch hardly anything and answer each other are told, with what they watch', () => {
		const {findings} = watch(parentAndChild(loop(ofNode), loop(ofNode)));
		expect(findings).toMatchObject([
			{rule: 'ping-pong', severity: 'warning', confidence: 'likely', pids: [1000, 2000]},
		]);
		expect(findings[0]!.evidence).toContainEqual({
			what: 'what their event loops watch besides themselves, each at most',
			value: 2,
			unit: 'files',
			source: '/proc/PID/fdinfo/*',
		});
	});

	test('are not told where one has clients, or nobody looked at what it watches', () => {
		expect(told(parentAndChild(loop(ofNode), loop({...ofNode, socket: 9})))).toEqual([]);
		expect(told(parentAndChild(loop(ofNode), loop()))).toEqual([]);
	});

	test('are not told where both work at once, where both sleep, or one wakes more often', () => {
		const both = (cores: number) =>
			parentAndChild(loop(ofNode, 30_000, cores), loop(ofNode, 30_000, cores));
		expect(told(both(0.4))).toEqual(['ping-pong likely']);
		expect(told(both(0.8))).toEqual([]);
		expect(told(both(0.1))).toEqual([]);
		expect(told(parentAndChild(loop(ofNode), loop(ofNode, 14_000)))).toEqual([]);
	});

	test('are not told where connections can have woken them', () => {
		const pair = parentAndChild(loop(ofNode), loop(ofNode));
		expect(told(pair, {tcpSegmentsReceivedPerSecond: 100})).toEqual(['ping-pong likely']);
		expect(told(pair, {tcpSegmentsReceivedPerSecond: 17_000})).toEqual([]);
	});

	test('are a server with its workers where one parent has them', () => {
		expect(told(parentAndChild(loop(ofNode), loop(ofNode), 1))).toEqual([]);
		expect(told(forked(2, {name: 'nginx'}, loop(ofNode)))).toEqual([]);
	});

	test('of one process are told where no socket can bring clients', () => {
		const port = {eventfd: 1, pipe: 1};
		expect(told([processWith({}, loop(port), loop(port))])).toEqual(['ping-pong likely']);
		expect(told([processWith({}, loop(ofNode), loop(port))])).toEqual([]);
	});
});
