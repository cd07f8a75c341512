import {expect, test} from 'vitest';
import {createStackShare} from '../../source/probes/stack-share.js';

/** Numbers between 0 and 1, evenly spread. */
const evenly = () => {
	let turn = 0;
	return () => {
		turn++;
		return (turn * 0.618_033_988) % 1;
	};
};

test('the first threads of each kind have their stacks read at their first look', () => {
	const share = createStackShare(1000);
	const rare = (kind: string) => Array.from({length: 20}, () => share.isRare(kind));
	expect(rare('a').filter(Boolean)).toHaveLength(8);
	expect(rare('b').indexOf(false)).toBe(8);
});

test('of few threads each stack is read, of many a share, by lot', () => {
	expect(createStackShare(10).isForAll).toBe(true);
	const share = createStackShare(1000, evenly());
	expect(share.isForAll).toBe(false);
	const turns = Array.from({length: 1000}, () => share.isItsTurn());
	expect(turns.filter(Boolean).length).toBeGreaterThan(20);
	expect(turns.filter(Boolean).length).toBeLessThan(100);
	// None of four threads that come one after the other is always passed over.
	const counts = [0, 1, 2, 3].map(
		offset => turns.filter((is, at) => is && at % 4 === offset).length,
	);
	expect(Math.min(...counts)).toBeGreaterThan(3);
});

test('the share follows what looks and stacks are measured to take', () => {
	const share = createStackShare(400);
	const round = (each: number, stack: number) => {
		let stacks = 0;
		for (let look = 0; look < 400; look++) {
			if (share.isItsTurn()) {
				share.countStack(stack);
				stacks++;
			}
		}

		share.endRound(400 * each + stacks * stack, 400, 0);
	};

	for (let count = 0; count < 40; count++) {
		round(0.004, 0.003);
	}

	expect(share.isForAll).toBe(true);
	expect(share.costs.look).toBeCloseTo(0.004, 3);
	for (let count = 0; count < 40; count++) {
		round(0.02, 0.2);
	}

	expect(share.isForAll).toBe(false);
});

test('a crowd that runs gets a larger budget, which it keeps', () => {
	const share = createStackShare(10);
	share.endRound(10, 500, 500);
	const {duty} = share.costs;
	expect(duty).toBeGreaterThan(0.2);
	share.endRound(10, 500, 0);
	expect(share.costs.duty).toBe(duty);
});

test('one stack that took long, as the first of a program does, is no measure', () => {
	const share = createStackShare(10);
	share.countStack(500);
	expect(share.costs.stack).toBeLessThan(0.5);
});

test('looks that needed no stack count as those that get one: else all would get one the next time, and none the time after', () => {
	const share = createStackShare(1000, evenly());
	for (let round = 0; round < 20; round++) {
		for (let look = 0; look < 1000; look++) {
			share.pass();
		}

		share.endRound(20, 1000, 0);
	}

	expect(share.isForAll).toBe(false);
});
