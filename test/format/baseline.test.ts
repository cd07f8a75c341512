import {expect, test} from 'vitest';
import {baselineOf, factorText} from '../../source/format/baseline.js';
import {noRates} from '../../source/format/rates.js';
import {buildRows} from '../../source/format/tree-rows.js';
import {defaultViewOptions} from '../../source/format/view-options.js';
import {makeProcess, makeSnapshot, makeThread} from '../helpers/snapshot.js';

const machine = (rate: number) =>
	makeSnapshot({
		processes: [
			makeProcess({
				pid: 10,
				threads: [10, 11, 12, 13].map(tid =>
					makeThread({tid, voluntarySwitchesPerSecond: rate, waitChannel: 'futex_do_wait'}),
				),
			}),
			makeProcess({
				pid: 20,
				parentPid: 10,
				threads: [makeThread({tid: 20, voluntarySwitchesPerSecond: 6 * rate})],
			}),
		],
	});

const factors = (options = defaultViewOptions): string[] => {
	const baseline = baselineOf(machine(2));
	return buildRows(machine(10), options).map(row =>
		factorText(row.rates, baseline.ratesThen(row), 'switches'),
	);
};

test('processes, threads and groups are compared with themselves', () => {
	expect(factors({...defaultViewOptions, threads: 'all'})).toEqual(
		expect.arrayContaining(['x5.0', 'x5.0', 'x5.0']),
	);
});

test('a folded subtree is compared with its sum', () => {
	const levels = new Map([['10:1000', 'folded' as const]]);
	expect(factors({...defaultViewOptions, levels})).toEqual(['x5.0']);
});

test('a process that was not there is new, whatever has its pid now', () => {
	const baseline = baselineOf(machine(2));
	const reused = makeSnapshot({processes: [makeProcess({pid: 10, startTimeTicks: 77})]});
	const [row] = buildRows(reused, defaultViewOptions);
	expect(baseline.ratesThen(row!)).toBeUndefined();
	expect(factorText(row!.rates, undefined, 'switches')).toBe('new');
});

test.each([
	[10, 20, 'x2.0'],
	[1, 7100, 'x7100'],
	[100, 2, 'x0.02'],
	[0, 5, 'from 0'],
	[0, 0, '.'],
	[5, 0, 'x0'],
	[null, 5, '-'],
	[5, undefined, '-'],
])('from %s to %s is %s', (before, after, text) => {
	expect(factorText({...noRates, cpu: after}, {...noRates, cpu: before}, 'cpu')).toBe(text);
	expect(text.length).toBeLessThanOrEqual(6);
});
