import {expect, test} from 'vitest';
import {formatClock, formatDuration, secondsBetween} from '../../source/format/duration.js';

test.each([
	[0, '0s'],
	[0.5, '0.5s'],
	[1.003, '1s'],
	[41, '41s'],
	[59.7, '1m00s'],
	[130, '2m10s'],
	[3900, '1h05m'],
	[93_784, '1d02h'],
	[Number.NaN, '-'],
])('%d seconds are %s', (seconds, text) => {
	expect(formatDuration(seconds)).toBe(text);
});

test('the clock is that of UTC and says so', () => {
	expect(formatClock('2026-01-01T12:00:41.123Z')).toBe('12:00:41Z');
	expect(formatClock('not a time')).toBe('not a time');
});

test('a time that is none gives no stretch of time', () => {
	expect(secondsBetween('2026-01-01T12:00:00Z', '2026-01-01T12:01:30Z')).toBe(90);
	expect(secondsBetween('soon', '2026-01-01T12:01:30Z')).toBeUndefined();
});
