import {expect, test} from 'vitest';
import {createFindingsEngine} from '../../source/findings/engine.js';
import {rules} from '../../source/findings/rules.js';
import type {Finding} from '../../source/model/finding.js';
import type {RetriedLock} from '../../source/model/lock.js';
import type {Process} from '../../source/model/process.js';
import {forked, processWith, snapshotsOf} from './watched.js';

const sleeping = {
	count: 1,
	voluntary: 10,
	cores: 0.001,
	wait: {kind: 'sleep', call: 'clock_nanosleep', timed: true, timeoutMilliseconds: 100},
} as const;

const told = (processes: readonly Process[], lock: Partial<RetriedLock>): readonly Finding[] =>
	createFindingsEngine(rules).evaluate(
		snapshotsOf(processes).map(snapshot => ({
			...snapshot,
			retriedLocks: [
				{
					path: '/srv/shop.db',
					pids: processes.filter(({threads}) => threads.length > 1).map(({pid}) => pid),
					tids: processes.flatMap(({threads}) => threads.slice(1).map(({tid}) => tid)),
					waitersAverage: 4,
					...lock,
				},
			],
		})),
	).findings;

const held = {file: 'fe:00:24', holderPid: 4711, holderName: 'import'};

test('processes that sleep between tries for the lock of a database, with its writer', () => {
	expect(told(forked(4, {name: 'shop'}, sleeping), held)).toMatchObject([
		{
			rule: 'lock-contention',
			severity: 'critical',
			confidence: 'certain',
			title:
				'4 processes of shop want the lock of the SQLite database /srv/shop.db and sleep between tries',
			evidence: [{value: 4, unit: 'threads'}, {value: '4711 import'}],
		},
	]);
});

test('without its writer that is likely, and one thread is told of as one', () => {
	const [finding, ...more] = told([processWith({name: 'shop'}, sleeping)], {waitersAverage: 0.75});
	expect(more).toEqual([]);
	expect(finding).toMatchObject({severity: 'warning', confidence: 'likely'});
	expect(finding!.title).toBe(
		'1 thread of shop wants the lock of the SQLite database /srv/shop.db and sleeps between tries',
	);
});

test('a database that is locked now and then is nobody’s trouble', () => {
	expect(told(forked(4, {name: 'shop'}, sleeping), {...held, waitersAverage: 0.25})).toEqual([]);
});
