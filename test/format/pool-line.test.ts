import {expect, test} from 'vitest';
import {poolLine} from '../../source/format/pool-line.js';
import type {ThreadPool} from '../../source/model/process.js';
import {makeProcess} from '../helpers/snapshot.js';

const lineOf = (threadPool: Partial<ThreadPool> | undefined) =>
	poolLine(
		makeProcess({
			runtime: {
				name: 'node',
				source: 'exe',
				...(threadPool && {
					threadPool: {
						threadCount: 4,
						busyThreads: 4,
						lookupThreads: 0,
						queuedPercent: 100,
						queuedJobs: 28,
						queuedLookups: 0,
						...threadPool,
					},
				}),
			},
		}),
	);

test('it says how many threads are busy and how many jobs wait for them', () => {
	expect(lineOf({})).toBe('4 of 4 threads busy, 28 jobs queued, jobs wait 100 % of the time');
	expect(lineOf({busyThreads: 0.26, queuedPercent: 0, queuedJobs: 0})).toBe(
		'0.3 of 4 threads busy, no job had to wait',
	);
	expect(lineOf({queuedPercent: 0.2, queuedJobs: 1})).toBe(
		'4 of 4 threads busy, 1 job queued, jobs wait <1 % of the time',
	);
});

test('name lookups are told apart, with how many of them may run', () => {
	expect(lineOf({threadCount: 5, busyThreads: 3, lookupThreads: 3, queuedLookups: 12})).toBe(
		'3 of 5 threads busy, 3 with name lookups (at most 3 may), 28 jobs queued (12 name lookups), jobs wait 100 % of the time',
	);
});

test('none queued at the moment, more than were counted and not to be counted are three answers', () => {
	expect(lineOf({queuedPercent: 40, queuedJobs: 0})).toContain(
		'no job queued now, jobs wait 40 % of the time',
	);
	expect(lineOf({queuedJobs: 1000, queueIsLonger: true})).toContain('1000 or more jobs queued');
	expect(
		poolLine(
			makeProcess({
				runtime: {
					name: 'node',
					source: 'exe',
					threadPool: {threadCount: 4, busyThreads: 4, lookupThreads: 0, queuedPercent: 80},
				},
			}),
		),
	).toContain('jobs wait 80 % of the time, too briefly to be counted');
});

test('a pool without a job yet has no threads, and one that was not read has no line', () => {
	expect(lineOf({threadCount: 0, busyThreads: 0, queuedPercent: 0, queuedJobs: 0})).toBe(
		'not started: there was no job yet',
	);
	expect(lineOf(undefined)).toBeUndefined();
});
