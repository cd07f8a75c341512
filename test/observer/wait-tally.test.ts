import {expect, test} from 'vitest';
import {
	createWaitTally,
	findItem,
	lengthenTimeout,
	resetTally,
	type WaitTally,
	waitShares,
} from '../../source/observer/wait-tally.js';

const tallyOf = (
	...counts: readonly [call: number, address: number, count: number][]
): WaitTally => ({
	...createWaitTally(),
	items: counts.map(([callNumber, futexAddress, count]) => ({
		callNumber,
		futexAddress,
		wait: {kind: 'futex', call: `call${callNumber}`},
		count,
		age: 0,
	})),
});

test('shares are of all looks, most frequent first, and running is one of them', () => {
	const tally = tallyOf([202, 0x1000, 2], [7, 0, 5]);
	tally.looks = 10;
	tally.running = 3;
	expect(waitShares(tally)).toEqual([
		{kind: 'futex', call: 'call7', percent: 50},
		{kind: 'running', percent: 30},
		{kind: 'futex', call: 'call202', percent: 20},
	]);
});

test('without a look nothing was seen, which is not an empty list', () => {
	expect(waitShares(createWaitTally())).toBeUndefined();
});

test('looks at the same call and the same futex word are one wait', () => {
	const tally = tallyOf([202, 0x1000, 1], [202, 0x2000, 1]);
	expect(findItem(tally, 202, 0x2000)).toBe(tally.items[1]);
	expect(findItem(tally, 202, 0x3000)).toBeUndefined();
	expect(findItem(tally, 7, 0x1000)).toBeUndefined();
});

test('the longest limit seen is kept, and the wait that was handed out stays as it was', () => {
	const [item] = tallyOf([202, 0x1000, 1]).items;
	const handedOut = item!.wait;
	lengthenTimeout(item!, 40);
	lengthenTimeout(item!, 25);
	expect(item!.wait.timeoutMilliseconds).toBe(40);
	expect(handedOut.timeoutMilliseconds).toBeUndefined();
});

test('a wait that was not seen in an interval has no share, and is forgotten after some', () => {
	const tally = tallyOf([202, 0x1000, 4], [7, 0, 0]);
	tally.looks = 4;
	expect(waitShares(tally)).toHaveLength(1);
	for (let interval = 0; interval < 5; interval++) {
		resetTally(tally);
		expect(waitShares(tally)).toBeUndefined();
		tally.items.find(item => item.callNumber === 202)!.count++;
	}

	expect(tally.items.map(item => item.callNumber)).toEqual([202]);
});
