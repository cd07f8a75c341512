import {expect, test} from 'vitest';
import {lastRuns} from '../../source/probes/last-runs.js';
import type {PerfSample} from '../../source/probes/perf-script.js';

const sample = (tid: number, seconds: number, name: string): PerfSample => ({
	name: 'worker',
	tid,
	seconds,
	frames: [
		{name, file: 'app', isKernel: false},
		{name: '[unknown]', file: 'libx.so', isKernel: false},
	],
});

test('the newest sample of each thread, in whatever order they came', () => {
	const runs = lastRuns(
		[sample(1, 10.5, 'late'), sample(1, 10.1, 'early'), sample(2, 10.9, 'other')],
		11,
	);
	expect([...runs]).toEqual([
		[1, {stack: ['late', '[libx.so]'], secondsBeforeEnd: 0.5}],
		[2, {stack: ['other', '[libx.so]'], secondsBeforeEnd: 0.1}],
	]);
});

test('perf goes on a little longer than the looks: no time is below zero', () => {
	expect(lastRuns([sample(1, 11.2, 'work')], 11).get(1)?.secondsBeforeEnd).toBe(0);
});
