import {expect, test} from 'vitest';
import {createRecordingBudget} from '../../source/snapshot/recording-budget.js';

/** What it says after a minute of records of that size. */
const everyAfterMinute = (bytes: number, threads: number, budget = createRecordingBudget()) => {
	for (let second = 0; second < 60; second++) {
		budget.note(bytes, 1, threads);
	}

	return budget.every;
};

test('small records are written whole, larger ones in turns that get longer', () => {
	expect(everyAfterMinute(1000, 2000)).toBe(1);
	expect(everyAfterMinute(1400, 2000)).toBe(16);
	expect(everyAfterMinute(100_000, 2000)).toBe(16);
});

test('twice as many threads may take twice as much, a few as much as two thousand', () => {
	expect(everyAfterMinute(2400, 4000)).toBe(1);
	expect(everyAfterMinute(1200, 10)).toBe(1);
});

test('what became quiet is written whole again', () => {
	const budget = createRecordingBudget();
	expect(everyAfterMinute(5000, 2000, budget)).toBe(16);
	expect(everyAfterMinute(100, 2000, budget)).toBe(1);
});
