import {describe, expect, test} from 'vitest';
import {createFindingsEngine} from '../../source/findings/engine.js';
import {rules} from '../../source/findings/rules.js';
import type {Finding} from '../../source/model/finding.js';
import type {Process} from '../../source/model/process.js';
import type {System} from '../../source/model/system.js';
import {makeSystem} from '../helpers/snapshot.js';
import {type Crowd, processWith, snapshotsOf, watch} from './watched.js';

/*
Threads of another user's process that share one CPU by turns though another one is idle: no waits, only rates, those of measured programs.
*/

const machine = (idlePercent: number, receivedPacketsPerSecond = 0): Partial<System> => ({
	cpu: {...makeSystem().cpu!, idlePercent},
	wakeSources: {timerInterruptsPerSecond: 600, receivedPacketsPerSecond},
});

type Fight = Omit<Crowd, 'waits' | 'wait' | 'name'> & {
	voluntary: number;
	cores: number;
	/** How much more the one that gets the most has than the one that gets the least. */
	wakesUneven: number;
	cpuUneven: number;
};

/** 14 threads and a mutex of C++ that each holds for 50 µs. */
const cache: Fight = {
	count: 14,
	voluntary: 1760,
	involuntary: 580,
	cores: 0.9,
	delayRatio: 0.67,
	wakesUneven: 1.13,
	cpuUneven: 2.3,
};

/** Threads whose wakes and CPU rise from the first to the last, which has so many times as much. */
const threadsOf = ({wakesUneven, cpuUneven, ...fight}: Fight): Crowd[] => {
	const {count, voluntary, cores, involuntary = 0} = fight;
	const part = (total: number, uneven: number, index: number): number =>
		(total / count) * (2 / (1 + uneven)) * (1 + ((uneven - 1) * index) / (count - 1));
	return Array.from({length: count}, (_, index) => ({
		...fight,
		count: 1,
		wait: null,
		voluntary: part(voluntary, wakesUneven, index),
		involuntary: involuntary / count,
		cores: part(cores, cpuUneven, index),
	}));
};

const told = (
	changes: Partial<Fight>,
	of: Partial<Process> = {},
	system = machine(41),
	beside: readonly Crowd[] = [],
): Finding | undefined =>
	watch(
		[processWith({systemCpuPercent: 2, ...of}, ...threadsOf({...cache, ...changes}), ...beside)],
		{
			system,
		},
	).findings.find(({evidence}) => evidence.some(({what}) => what.endsWith(': one at a time')));

describe('threads that share one CPU by turns', () => {
	test('wait for a lock, possibly: they wait for that CPU while another one is idle', () => {
		const finding = told({});
		expect(finding).toMatchObject({confidence: 'possible', severity: 'warning'});
		expect(finding?.title).toBe('Lock held for long: 13 of 14 threads wait for one lock');
		expect(finding?.evidence.map(({what, value}) => `${what}: ${value}`)).toEqual(
			expect.arrayContaining([
				'CPU that 14 threads get together: one at a time: 90',
				'CPUs idle but for ctop: 41.9',
			]),
		);
	});

	test('are a pool at work when they hardly wait for it, or use more or less than one', () => {
		expect(told({delayRatio: 0.2})).toBeUndefined();
		expect(told({cores: 1.14})).toBeDefined();
		expect(told({cores: 1.18})).toBeUndefined();
		expect(told({cores: 0.5})).toBeUndefined();
	});

	test('get less where others run as well, and then wait for it all the more', () => {
		expect(told({cores: 0.79, delayRatio: 0.72})).toBeDefined();
		expect(told({cores: 0.72, delayRatio: 0.72})).toBeUndefined();
		expect(told({cores: 0.79, delayRatio: 0.58})).toBeUndefined();
		expect(told({cores: 0.88, delayRatio: 0.58})).toBeDefined();
	});

	test('are short of CPUs when none is idle, and in the kernel when that is where they are', () => {
		expect(told({}, {}, machine(13))).toBeUndefined();
		expect(told({}, {}, machine(17))).toBeDefined();
		expect(told({}, {cpusAllowed: 1})).toBeUndefined();
		expect(told({}, {systemCpuPercent: 24})).toBeDefined();
		expect(told({}, {systemCpuPercent: 30})).toBeUndefined();
	});

	test('that put each other aside need not wait as long', () => {
		expect(told({delayRatio: 0.32, involuntary: 200})).toBeUndefined();
		expect(told({delayRatio: 0.32, involuntary: 300})).toBeDefined();
	});

	test('differ from one another no more than chance makes them', () => {
		expect(told({cpuUneven: 3.8})).toBeDefined();
		expect(told({cpuUneven: 4.3})).toBeUndefined();
		expect(told({wakesUneven: 2.9})).toBeDefined();
		expect(told({wakesUneven: 3.2})).toBeUndefined();
	});

	test('may get far less than others in one second, which the next one evens out', () => {
		const seconds = [0, 1].map(late =>
			snapshotsOf(
				[
					processWith(
						{systemCpuPercent: 2},
						...threadsOf({...cache, cpuUneven: 6}).map((thread, index, all) => ({
							...thread,
							cores: late === 1 ? all.at(-1 - index)!.cores! : thread.cores!,
						})),
					),
				],
				{seconds: 8, system: machine(41)},
			),
		);
		const alternating = seconds[0]!.map(
			(snapshot, index) => seconds[index % 2]![index] ?? snapshot,
		);
		const {findings} = createFindingsEngine(rules).evaluate(alternating);
		expect(findings.map(({title}) => title)).toContainEqual(
			expect.stringMatching(/^Lock held for long: 13 /),
		);
	});
});

describe('threads that get work in bursts', () => {
	test('have the same work each time, as at each frame, where a lock favours some', () => {
		const frames = {count: 8, voluntary: 480, involuntary: 500, wakesUneven: 1.15};
		expect(told({...frames, cpuUneven: 1.2})).toBeUndefined();
		expect(told({...frames, cpuUneven: 1.3})).toBeDefined();
		// Nobody draws so many frames.
		expect(told({...frames, voluntary: 1050, cpuUneven: 1.1})).toBeUndefined();
		expect(told({...frames, voluntary: 1200, cpuUneven: 1.1})).toBeDefined();
	});

	test('wake at one beat, as those of a lock do not', () => {
		expect(told({voluntary: 800, wakesUneven: 1.04})).toBeUndefined();
		expect(told({voluntary: 800, wakesUneven: 1.055})).toBeDefined();
		expect(told({voluntary: 17_600, wakesUneven: 1.02})).toBeUndefined();
		expect(told({voluntary: 17_600, wakesUneven: 1.04})).toBeDefined();
	});

	test('are no more of them than CPUs where they wait for one another all the same', () => {
		const two = {count: 2, involuntary: 0, wakesUneven: 1, cpuUneven: 1.1};
		expect(told(two)).toBeDefined();
		expect(told({...two, count: 3})).toBeUndefined();
	});

	test('get it from a thread beside them that does little else', () => {
		const beside = (voluntary: number, cores: number) =>
			told({}, {}, machine(41), [{count: 1, voluntary, cores, wait: null}]);
		expect(beside(126, 0.002)).toBeUndefined();
		expect(beside(30, 0.002)).toBeDefined();
		expect(beside(126, 0.01)).toBeDefined();
	});

	test('get it in packets, one for each wake at the least', () => {
		expect(told({}, {}, machine(41, 1800))).toBeUndefined();
		expect(told({}, {}, machine(41, 1000))).toBeDefined();
	});
});
