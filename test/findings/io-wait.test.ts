import {expect, test} from 'vitest';
import {createFindingsEngine} from '../../source/findings/engine.js';
import {rules} from '../../source/findings/rules.js';
import type {Snapshot} from '../../source/model/snapshot.js';
import {processWith, running, snapshotsOf, untimed} from './watched.js';

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

/** A Snapshot a second, the machine's disks waited for 60 % of the time. */
const seconds = (each: readonly number[]): Snapshot[] =>
	[0, ...each].map(
		(waiting, second) =>
			snapshotsOf([reading(waiting)], {
				from: second,
				seconds: 0,
				system: {
					pressure: {
						io: {some: {avg10Percent: 60, avg60Percent: 60, avg300Percent: 20, stallPercent: 60}},
					},
				},
			})[0]!,
	);

test('a fast disk is told after three seconds, though in some seconds hardly a thread was seen waiting', () => {
	const engine = createFindingsEngine(rules);
	expect(engine.evaluate(seconds([1.2, 0.33, 1])).findings).toMatchObject([{rule: 'io-wait'}]);
});

test('threads that are hardly ever seen waiting for a disk wait for none', () => {
	const engine = createFindingsEngine(rules);
	expect(
		engine.evaluate(seconds([0.3, 0.2, 0.3, 0.1])).findings.filter(({rule}) => rule === 'io-wait'),
	).toEqual([]);
});
