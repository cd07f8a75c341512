import {expect, test} from 'vitest';
import {createFindingsEngine} from '../../source/findings/engine.js';
import {rules} from '../../source/findings/rules.js';
import type {Snapshot} from '../../source/model/snapshot.js';
import {processWith, running, snapshotsOf, untimed, watch} from './watched.js';

/** Eight threads that read past the cache, of which so many were seen waiting on average in one second. */
const reading = (waiting: number) =>
	processWith(
		{name: 'reader', commandLine: ['./reader'], systemCpuPercent: 30},
		{
			count: 8,
			voluntary: 42_000,
			cores: 0.5,
			waits: [running(100 - (waiting / 8) * 100), untimed('disk', 'pread64', (waiting / 8) * 100)],
		},
	);

/** A Snapshot a second, the machine's disks waited for so much of the time. */
const seconds = (each: readonly number[], stallPercent: number): Snapshot[] =>
	[0, ...each].map(
		(waiting, second) =>
			snapshotsOf([reading(waiting)], {
				from: second,
				seconds: 0,
				system: {
					pressure: {
						io: {some: {avg10Percent: 60, avg60Percent: 60, avg300Percent: 20, stallPercent}},
					},
				},
			})[0]!,
	);

const rulesAfter = (each: readonly number[], stallPercent: number): readonly string[] =>
	createFindingsEngine(rules)
		.evaluate(seconds(each, stallPercent))
		.findings.map(({rule}) => rule);

test('a fast disk is told after three seconds, though in some seconds hardly a thread was seen waiting', () => {
	expect(rulesAfter([1.2, 0.33, 1], 50)).toContain('io-wait');
});

test('threads that are seldom seen waiting wait for the disk only where the kernel is sure that somebody does', () => {
	expect(rulesAfter([0.3, 0.2, 0.3, 0.1], 50)).not.toContain('io-wait');
	expect(rulesAfter([0.3, 0.2, 0.3, 0.3], 70)).toContain('io-wait');
	expect(rulesAfter([0.1, 0.1, 0.1, 0.1], 70)).not.toContain('io-wait');
});

test('page faults count where disks are waited for, and memory is not', () => {
	const mapped = processWith(
		{name: 'lookup', systemCpuPercent: 40},
		{
			count: 3,
			voluntary: 150,
			cores: 0.45,
			waits: [{kind: 'page-fault', percent: 80}, running(20)],
		},
	);
	const stalled = (stallPercent: number) => ({
		some: {avg10Percent: 40, avg60Percent: 10, avg300Percent: 2, stallPercent},
	});
	const rulesWith = (io: number, memory: number) =>
		watch([mapped], {
			system: {
				pressure: {io: stalled(io), memory: stalled(memory)},
				paging: {
					majorFaultsPerSecond: 150,
					swapInPagesPerSecond: 0,
					swapOutPagesPerSecond: 0,
					directReclaimPagesPerSecond: 0,
				},
			},
		}).findings.map(({rule}) => rule);
	expect(rulesWith(80, 0)).toEqual(['io-wait']);
	expect(rulesWith(80, 16)).toEqual(['memory-stall']);
	expect(rulesWith(15, 0)).toEqual([]);
});
