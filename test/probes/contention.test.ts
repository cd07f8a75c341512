import {expect, test} from 'vitest';
import {createContention} from '../../source/probes/contention.js';
import {shuffled} from '../../source/probes/shuffled.js';

test('a word is contended in a round, however many threads wait there', () => {
	const contention = createContention();
	contention.beginRound();
	contention.count(7);
	contention.count(7);
	contention.beginRound();
	expect(contention.percent(7)).toBe(50);
	expect(contention.percent(8)).toBe(0);
});

test('each item may come anywhere, none is lost', () => {
	const items = [1, 2, 3, 4];
	expect([...shuffled(items)].sort()).toEqual(items);
	expect(shuffled(items, () => 0)).toEqual([2, 3, 4, 1]);
	const firsts = Array.from({length: 4}, (_, index) => shuffled(items, () => index / 4)[0]);
	expect(new Set(firsts).size).toBeGreaterThan(1);
});
