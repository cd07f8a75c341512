import {expect, test} from 'vitest';
import {createGilTally} from '../../source/observer/gil-tally.js';

test('shares are of all looks, free ones among them, with the line that a holder was in most often', () => {
	const tally = createGilTally();
	for (const [tid, frame] of [
		[1, 'burn (pyload.py:6)'],
		[1, 'burn (pyload.py:7)'],
		[1, 'burn (pyload.py:7)'],
		[2, undefined],
		[undefined, undefined],
	] as const) {
		tally.count(tid, frame);
	}

	expect(tally.take()).toEqual({
		holders: [
			{tid: 1, percent: 60, frame: 'burn (pyload.py:7)'},
			{tid: 2, percent: 20},
		],
		freePercent: 20,
	});
});

test('nothing is told where nobody looked, and nobody where it was free', () => {
	const tally = createGilTally();
	expect(tally.take()).toEqual({});
	tally.count(undefined, undefined);
	expect(tally.take()).toEqual({freePercent: 100});
});

test('the last few intervals count together, older ones are forgotten', () => {
	const tally = createGilTally();
	tally.count(1, undefined);
	expect(tally.take().holders).toEqual([{tid: 1, percent: 100}]);
	for (let interval = 0; interval < 4; interval++) {
		tally.count(2, undefined);
		const {holders} = tally.take();
		expect(holders).toContainEqual({tid: 1, percent: (1 / (interval + 2)) * 100});
	}

	tally.count(2, undefined);
	expect(tally.take().holders).toEqual([{tid: 2, percent: 100}]);
});

test('of a crowd those are told that had it most', () => {
	const tally = createGilTally();
	for (let tid = 1; tid <= 40; tid++) {
		for (let count = 0; count < tid; count++) {
			tally.count(tid, undefined);
		}
	}

	const {holders} = tally.take();
	expect(holders).toHaveLength(16);
	expect(holders?.[0]?.tid).toBe(40);
	expect(holders?.at(-1)?.tid).toBe(25);
});
