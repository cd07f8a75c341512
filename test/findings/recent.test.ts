import {describe, expect, test} from 'vitest';
import {lastSecond} from '../../source/findings/recent.js';
import type {Process} from '../../source/model/process.js';
import type {Thread} from '../../source/model/thread.js';
import {makeProcess, makeThread} from '../helpers/snapshot.js';
import {snapshotsOf} from './watched.js';

const halves = (...versions: Process[]) =>
	versions.flatMap(
		(process, index) =>
			snapshotsOf([process], {intervalSeconds: 0.5, seconds: 0, from: (index + 1) * 0.5})[0]!,
	);

const withThread = (thread: Partial<Thread>, process: Partial<Process> = {}) =>
	makeProcess({threads: [makeThread({tid: 100, ...thread})], ...process});

const mergedThread = (...threads: Partial<Thread>[]) =>
	lastSecond(halves(...threads.map(thread => withThread(thread)))).processes[0]?.threads[0];

describe('lastSecond', () => {
	test('a Snapshot of a second stands for itself', () => {
		const snapshots = snapshotsOf([makeProcess()]);
		expect(lastSecond(snapshots)).toBe(snapshots.at(-1));
	});

	test('shorter ones are put together, rates as their mean', () => {
		const merged = lastSecond(
			halves(
				withThread({cpuPercent: 90}),
				withThread({cpuPercent: 30}),
				withThread({cpuPercent: 50}),
			),
		);
		expect(merged.intervalSeconds).toBe(1);
		expect(merged.processes[0]?.cpuPercent).toBe(40);
		expect(merged.processes[0]?.threads[0]?.cpuPercent).toBe(40);
	});

	test('waits add up to shares of all looks, with the longest time limit', () => {
		const sleep = {kind: 'sleep', call: 'clock_nanosleep', timed: true} as const;
		const thread = mergedThread(
			{waits: [{...sleep, timeoutMilliseconds: 3, percent: 100}]},
			{
				waits: [
					{...sleep, timeoutMilliseconds: 9, percent: 50},
					{kind: 'running', percent: 50},
				],
			},
		);
		expect(thread?.waits).toEqual([
			{...sleep, timeoutMilliseconds: 9, percent: 75},
			{kind: 'running', percent: 25},
		]);
	});

	test('the newest reading decides what is refused or missing', () => {
		expect(mergedThread({cpuPercent: 10}, {cpuPercent: null})?.cpuPercent).toBeNull();
		expect(mergedThread({cpuPercent: undefined}, {cpuPercent: 10})?.cpuPercent).toBe(10);
	});

	test('another thread with the same tid is not the same thread', () => {
		expect(
			mergedThread({startTimeTicks: 1, cpuPercent: 90}, {startTimeTicks: 2, cpuPercent: 10})
				?.cpuPercent,
		).toBe(10);
	});

	test('another process with the same pid is not the same process', () => {
		const merged = lastSecond(
			halves(
				withThread({cpuPercent: 90}, {startTimeTicks: 1}),
				withThread({cpuPercent: 10}, {startTimeTicks: 2}),
			),
		);
		expect(merged.processes[0]?.cpuPercent).toBe(10);
	});

	test("of libuv's pool the looks are means, the queue is the newest one's", () => {
		const pool = {
			threadCount: 4,
			busyThreads: 4,
			lookupThreads: 2,
			queuedPercent: 100,
			queuedJobs: 9,
		};
		const withPool = (threadPool: typeof pool) =>
			withThread({cpuPercent: 1}, {runtime: {name: 'node', source: 'exe', threadPool}});
		const merged = lastSecond(
			halves(withPool(pool), withPool({...pool, busyThreads: 2, queuedPercent: 0, queuedJobs: 3})),
		);
		expect(merged.processes[0]?.runtime?.threadPool).toEqual({
			threadCount: 4,
			busyThreads: 3,
			lookupThreads: 2,
			queuedPercent: 50,
			queuedJobs: 3,
		});
	});

	test('waiters for an interpreter lock are averaged, and nobody waiting counts as none', () => {
		const runtime = {name: 'cpython', version: '3.11', source: 'maps'};
		const gil = {waiters: 4, waiterTids: [1, 2], handOffsPerSecond: 100, region: 'python3.11'};
		const merged = lastSecond(
			halves(
				withThread({cpuPercent: 1}, {runtime: {...runtime, gil}}),
				withThread(
					{cpuPercent: 2},
					{runtime: {...runtime, gil: {...gil, waiters: 2, waiterTids: [2, 3]}}},
				),
			),
		);
		expect(merged.processes[0]?.runtime?.gil).toMatchObject({
			waiters: 3,
			waiterTids: [1, 2, 3],
			handOffsPerSecond: 100,
		});
		const once = lastSecond(
			halves(
				withThread({cpuPercent: 1}, {runtime}),
				withThread({cpuPercent: 2}, {runtime: {...runtime, gil}}),
			),
		);
		expect(once.processes[0]?.runtime?.gil?.waiters).toBe(2);
	});

	test('it goes no further back than the first reading', () => {
		const [first, second] = halves(withThread({cpuPercent: 90}), withThread({cpuPercent: 10}));
		expect(lastSecond([{...first!, intervalSeconds: undefined}, second!])).toBe(second);
	});
});
