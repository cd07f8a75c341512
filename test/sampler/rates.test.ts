import {expect, test} from 'vitest';
import {addReading, ratePerSecond, sharePercent} from '../../source/sampler/rates.js';

test('a rate is the change over the time that passed', () => {
	expect(ratePerSecond(100, 350, 2.5)).toBe(100);
	expect(ratePerSecond(100, 100, 1)).toBe(0);
});

test('without time, or with a counter that went back, there is no rate', () => {
	expect(ratePerSecond(1, 2, 0)).toBeUndefined();
	expect(ratePerSecond(1, 2, -1)).toBeUndefined();
	expect(ratePerSecond(2, 1, 1)).toBeUndefined();
	expect(sharePercent(2, 1, 1)).toBeUndefined();
});

test('a share is of the time that passed, and never more than all of it', () => {
	expect(sharePercent(0, 250_000_000, 1)).toBe(25);
	expect(sharePercent(0, 1_000_000_000, 2)).toBe(50);
	expect(sharePercent(0, 5_000_000_000, 1)).toBe(100);
});

test('sums keep apart what is zero, refused and not there', () => {
	const sum = (...values: (number | null | undefined)[]) =>
		values.reduce<number | null | undefined>(addReading, undefined);
	expect(sum()).toBeUndefined();
	expect(sum(undefined, undefined)).toBeUndefined();
	expect(sum(undefined, null, undefined)).toBeNull();
	expect(sum(null, 0)).toBe(0);
	expect(sum(2, null, undefined, 3)).toBe(5);
});
