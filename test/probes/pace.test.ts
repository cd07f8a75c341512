import {expect, test} from 'vitest';
import {isCrowd, restAfterRound, restInRound} from '../../source/probes/pace.js';

const slice = {round: 2, share: 0.5, over: 0.5, usedMilliseconds: 8, elapsedMilliseconds: 10};

test('rounds come 20 to 100 times a second as long as a tenth of one CPU is enough for them', () => {
	for (const used of [0, 0.1, 0.5, 1, 2, 4, 5]) {
		expect(restAfterRound(1, used)).toBeGreaterThanOrEqual(10);
		expect(restAfterRound(1, used)).toBeLessThanOrEqual(50);
	}

	expect(restAfterRound(1, 0.2)).toBe(10);
});

test('rounds that take longer come seldom', () => {
	expect(restAfterRound(1, 20)).toBe(200);
	expect(restAfterRound(1, 900)).toBe(2000);
});

test('the first round reads symbols and tables, which is no measure of those that follow', () => {
	expect(restAfterRound(0, 900)).toBe(10);
});

test('a round over a crowd rests amidst, so that it takes a fifth of one CPU', () => {
	expect(restInRound(slice)).toBe(30);
	expect(restInRound({...slice, elapsedMilliseconds: 100})).toBe(0);
});

test('each thread is seen in the first half of the time: the first round does not rest when it is late', () => {
	expect(restInRound({...slice, round: 0, share: 0.1, over: 0.06})).toBe(0);
	expect(restInRound({...slice, round: 0, share: 0.1, over: 0.04})).toBe(30);
});

test('later rounds keep to the budget, however far they get', () => {
	expect(restInRound({...slice, round: 1, share: 0.1, over: 0.99})).toBe(30);
	expect(restInRound({...slice, round: 2, share: 0.1, over: 0.99})).toBe(30);
});

test('ten thousand threads are a crowd, a thousand only where there is little time', () => {
	expect(isCrowd(10_000, 5)).toBe(true);
	expect(isCrowd(1000, 5)).toBe(false);
	expect(isCrowd(1000, 1)).toBe(true);
});
