import {expect, test} from 'vitest';
import {
	formatNumber,
	formatPlainNumber,
	formatReading,
	formatShare,
} from '../../source/format/number.js';

test.each([
	[0, '.'],
	[0.004, '<0.1'],
	[0.05, '0.1'],
	[0.44, '0.4'],
	[9.94, '9.9'],
	[9.96, '10'],
	[62.4, '62'],
	[9999.4, '9999'],
	[9999.6, '10.0k'],
	[21_449, '21.4k'],
	[99_960, '100k'],
	[267_000, '267k'],
	[999_600, '1.00M'],
	[2_130_000, '2.13M'],
	[7.5e9, '7.50G'],
	[-3.2, '-3.2'],
	[Number.NaN, '-'],
	[Number.POSITIVE_INFINITY, '-'],
])('%d is shown as %s', (value, text) => {
	expect(formatNumber(value)).toBe(text);
});

test('no number up to a million billion is wider than five characters', () => {
	for (let value = 0.001; value < 1e15; value *= 1.37) {
		expect(formatNumber(value).length).toBeLessThanOrEqual(5);
	}
});

test('what is zero, refused and not there are told apart', () => {
	expect([0, null, undefined].map(formatReading)).toEqual(['.', '?', '-']);
});

test('zero in running text is a zero', () => {
	expect(formatPlainNumber(0)).toBe('0');
});

test('a share of the header takes two characters, and what is not zero never looks like it', () => {
	expect([0, 0.2, 4.4, 62.5, 100].map(formatShare)).toEqual([' 0', '<1', ' 4', '63', '100']);
});
