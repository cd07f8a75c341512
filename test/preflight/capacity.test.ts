import {describe, expect, it} from 'vitest';
import {judgeCapacity, secondsUntilFull, usedPercent} from '../../source/preflight/capacity.js';
import {bytes} from '../../source/preflight/words.js';

const mebibyte = 1024 * 1024;
const words = {noun: 'disk', source: 'statfs(2)', least: 65_536, say: bytes, fixes: () => []};
const capacity = {
	name: '/data',
	used: 50 * mebibyte,
	available: 50 * mebibyte,
	seconds: 2,
	fixed: false,
};

describe('use', () => {
	it('is rounded up, so that one block of a large disk shows', () => {
		expect(usedPercent({used: 1, available: 999_999})).toBe(1);
		expect(usedPercent({used: 999_999, available: 1})).toBe(100);
		expect(usedPercent({used: 0, available: 0})).toBe(0);
	});
});

describe('the time until it is full', () => {
	it('follows from what was lost while watched', () => {
		expect(
			secondsUntilFull({...capacity, availableBefore: 51 * mebibyte}, words.least),
		).toBeCloseTo(100);
	});

	it('is not told from noise, from what grew, or from one reading alone', () => {
		expect(
			secondsUntilFull({...capacity, availableBefore: 50 * mebibyte + 1000}, words.least),
		).toBe(undefined);
		expect(secondsUntilFull({...capacity, availableBefore: 40 * mebibyte}, words.least)).toBe(
			undefined,
		);
		expect(secondsUntilFull(capacity, words.least)).toBe(undefined);
		expect(
			secondsUntilFull({...capacity, availableBefore: 51 * mebibyte, seconds: 0}, words.least),
		).toBe(undefined);
	});

	it('is in the sentence, and makes a half-empty disk bad when it is near', () => {
		const {symptoms, measurements} = judgeCapacity(
			{...capacity, availableBefore: 51 * mebibyte},
			words,
		);
		expect(symptoms).toMatchObject([
			{
				verdict: 'bad',
				says: '/data: disk 50 % used, 50.0 MiB left, full in 2 minutes at this rate',
			},
		]);
		expect(measurements[1]).toMatchObject({
			value: 100,
			unit: 's',
			threshold: {watch: 3600, bad: 300},
		});
		const slow = judgeCapacity({...capacity, seconds: 48, availableBefore: 51 * mebibyte}, words);
		expect(slow.symptoms).toMatchObject([
			{verdict: 'watch', says: expect.stringContaining('full in 40 minutes at this rate')},
		]);
	});
});

it('does not blame an image that is full by nature', () => {
	const image = {...capacity, available: 0, fixed: true};
	expect(judgeCapacity(image, words).symptoms).toEqual([]);
	expect(judgeCapacity({...image, fixed: false}, words).symptoms).toMatchObject([{verdict: 'bad'}]);
});
