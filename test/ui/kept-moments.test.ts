import {expect, test} from 'vitest';
import type {Snapshot} from '../../source/model/snapshot.js';
import {withMoment} from '../../source/ui/kept-moments.js';
import {makeSnapshot} from '../helpers/snapshot.js';

const momentAt = (observedSeconds: number, threadsRead: number): Snapshot => {
	const snapshot = makeSnapshot({observedSeconds, intervalSeconds: 1});
	return {...snapshot, sampling: {...snapshot.sampling, threadsRead}};
};

const watch = (seconds: number, threadsRead: number, frozen = false): readonly number[] => {
	let moments: readonly Snapshot[] = [];
	for (let second = 1; second <= seconds; second++) {
		moments = withMoment(moments, momentAt(second, threadsRead), frozen);
	}

	return moments.map(({observedSeconds}) => observedSeconds);
};

test('each second of the last minute is kept, frozen of the last five', () => {
	expect(watch(200, 800)).toEqual(Array.from({length: 61}, (_, index) => 140 + index));
	expect(watch(400, 100, true)).toHaveLength(301);
});

test('where thousands of threads run, moments lie the further apart the longer ago they are', () => {
	const kept = watch(200, 5000);
	expect(kept).toHaveLength(10);
	expect(kept.slice(-3)).toEqual([198, 199, 200]);
	expect(kept[0]).toBeLessThan(175);
	const gaps = kept.slice(1).map((second, index) => second - kept[index]!);
	expect(gaps[0]).toBeGreaterThan(gaps[3]!);
});

test('the newest are kept however many threads run', () => {
	expect(watch(20, 100_000)).toEqual([18, 19, 20]);
});
