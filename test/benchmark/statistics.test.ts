import {describe, expect, test} from 'vitest';
import {median, slope, spreadOf} from '../../benchmark/statistics.js';

describe('statistics of a benchmark', () => {
	test('the median is the middle of what is sorted, or between the two in the middle', () => {
		expect(median([10, 9, 100])).toBe(10);
		expect(median([4, 1, 3, 2])).toBe(2.5);
		expect(median([])).toBeUndefined();
	});

	test('a spread has the lowest and the highest too', () => {
		expect(spreadOf([3, 1, 20])).toEqual({median: 3, minimum: 1, maximum: 20});
		expect(spreadOf([])).toBeUndefined();
	});

	test('a slope is what y grows for one of x', () => {
		const points = [1, 2, 3, 4].map(x => ({x, y: 7 - 2 * x}));
		expect(slope(points)).toBeCloseTo(-2);
		expect(slope([{x: 1, y: 1}])).toBeUndefined();
	});
});
