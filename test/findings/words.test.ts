import {expect, test} from 'vitest';
import {measured, plural, roughText} from '../../source/findings/words.js';

test.each([
	[0.4, '0.4'],
	[4.23, '4.2'],
	[4, '4'],
	[9.97, '10'],
	[19.8, '20'],
	[567.4, '567'],
	[56_912, '56,900'],
	[187_125, '187,000'],
])('about %d is written %s', (value, text) => {
	expect(roughText(value)).toBe(text);
});

test('one is one, more are more', () => {
	expect(plural(1, 'thread')).toBe('1 thread');
	expect(plural(2, 'process')).toBe('2 processes');
	expect(plural(0, 'CPU')).toBe('0 CPUs');
});

test('evidence keeps what can be worked with', () => {
	expect([0.123, 12.34, 1234.5].map(measured)).toEqual([0.12, 12.3, 1235]);
});
