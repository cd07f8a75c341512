import {expect, test} from 'vitest';
import type {Rates} from '../../source/format/rates.js';
import {sortRows} from '../../source/format/sort.js';

const row = (id: number, rates: Partial<Rates>) => ({
	id,
	rates: {
		voluntary: undefined,
		involuntary: undefined,
		cpu: undefined,
		runQueueWait: undefined,
		...rates,
	},
});

const rows = [
	row(1, {voluntary: 5, involuntary: 1, cpu: 10, runQueueWait: 3}),
	row(2, {voluntary: 1, involuntary: 9, cpu: 30, runQueueWait: 2}),
	row(3, {voluntary: null}),
	row(4, {voluntary: 5, involuntary: 0, cpu: 20, runQueueWait: 1}),
];

test.each([
	['switches', false, [2, 1, 4, 3]],
	['voluntary', false, [1, 4, 2, 3]],
	['involuntary', false, [2, 1, 4, 3]],
	['cpu', false, [2, 4, 1, 3]],
	['run-queue-wait', false, [1, 2, 4, 3]],
	['pid', false, [1, 2, 3, 4]],
	['pid', true, [4, 3, 2, 1]],
	['voluntary', true, [2, 1, 4, 3]],
] as const)('by %s, inverted %s', (key, inverted, ids) => {
	expect(sortRows(rows, key, inverted).map(({id}) => id)).toEqual(ids);
});
