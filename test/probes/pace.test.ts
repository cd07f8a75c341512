import {expect, test} from 'vitest';
import {
	countsSwitches,
	dutyFor,
	isClose,
	isForMovers,
	restAfterRound,
	restInFirstRound,
	restOfSleeper,
	restWithinBudget,
	type Spent,
	stackChance,
	wholeTime,
} from '../../source/probes/pace.js';

const spent: Spent = {
	usedMilliseconds: 0,
	elapsedMilliseconds: 0,
	onceMilliseconds: 0,
	endMilliseconds: 0,
	wholeMilliseconds: 5000,
	duty: 0.1,
};

/** Works in parts of so many milliseconds of CPU, and rests as it is told to, until the time is over; the share of one CPU that it took. */
const worked = (part: number, parts: Partial<Spent> = {}): number => {
	const state = {...spent, ...parts};
	while (state.elapsedMilliseconds < state.wholeMilliseconds) {
		state.usedMilliseconds += part;
		state.elapsedMilliseconds += part;
		state.elapsedMilliseconds += Math.max(0.01, restWithinBudget(state));
	}

	return (state.usedMilliseconds + state.endMilliseconds) / state.elapsedMilliseconds;
};

test('rounds come a hundred times a second as long as a tenth of one CPU is enough for them', () => {
	expect(restAfterRound(1, {...spent, usedMilliseconds: 1, elapsedMilliseconds: 100})).toBe(9);
	expect(restAfterRound(4, {...spent, usedMilliseconds: 10, elapsedMilliseconds: 100})).toBe(6);
	expect(restAfterRound(30, {...spent, usedMilliseconds: 9, elapsedMilliseconds: 100})).toBe(0);
});

test('whoever works without end takes a tenth of one CPU, in large parts or small', () => {
	for (const part of [0.5, 4, 12, 40]) {
		expect(worked(part)).toBeLessThanOrEqual(0.1 + 1e-9);
		expect(worked(part)).toBeGreaterThan(0.09);
	}
});

test('what came once and what the end will take is made up for over all of the time', () => {
	const share = worked(4, {usedMilliseconds: 150, onceMilliseconds: 150, endMilliseconds: 50});
	expect(share).toBeLessThanOrEqual(0.1 + 1e-9);
	expect(share).toBeGreaterThan(0.09);
	// Nobody waits for seconds at first, as paying it off at once would take.
	expect(restWithinBudget({...spent, usedMilliseconds: 154, onceMilliseconds: 150})).toBeLessThan(
		60,
	);
});

test('a probe takes longer where even what comes once is too much for the budget', () => {
	const nothing = {usedMilliseconds: 0, onceMilliseconds: 0, endMilliseconds: 0, duty: 0.1};
	expect(wholeTime(5000, nothing)).toBe(5000);
	const much = {...nothing, usedMilliseconds: 150, onceMilliseconds: 150};
	expect(wholeTime(5000, much)).toBe(5000);
	expect(wholeTime(500, much)).toBeCloseTo(2000);
	expect(wholeTime(500, {...nothing, usedMilliseconds: 60})).toBeCloseTo(600);
});

test('all looks have stacks where that leaves twenty rounds a second, else a share that falls with what they take', () => {
	const costs = {look: 0.02, stack: 0.1, looksPerRound: 20, wantedPerRound: 20, duty: 0.1};
	expect(stackChance(costs)).toBe(1);
	const chances = [100, 1000, 10_000].map(threads =>
		stackChance({...costs, looksPerRound: threads, wantedPerRound: threads}),
	);
	expect(chances[0]).toBeCloseTo(0.1);
	expect(chances[1]).toBeCloseTo(chances[2]!);
	// They take a third of the time that waits take, however many there are.
	expect(chances[2]! * 0.1).toBeCloseTo(0.02 / 3);
});

test('where few want one, each gets its stack, also amidst thousands that sleep on', () => {
	const costs = {look: 0.005, stack: 0.1, looksPerRound: 500, wantedPerRound: 5, duty: 0.1};
	expect(stackChance(costs)).toBe(1);
});

test('a thread that sleeps on is looked at less often, by no more than a part of its sleep', () => {
	const costs = {look: 0.005, duty: 0.1};
	expect(restOfSleeper(0, 10_000, costs)).toBe(0);
	expect(restOfSleeper(200, 10_000, costs)).toBe(50);
	expect(restOfSleeper(60_000, 10_000, costs)).toBeCloseTo(1429, 0);
	expect(restOfSleeper(60_000, 2000, costs)).toBeCloseTo(286, 0);
});

test('few threads are looked at twenty times a second however long they sleep', () => {
	expect(isClose(restOfSleeper(60_000, 50, {look: 0.01, duty: 0.1}))).toBe(true);
});

test('those that ran lately come between the others only while they are few', () => {
	expect(isForMovers(20, {look: 0.02, duty: 0.1})).toBe(true);
	expect(isForMovers(2000, {look: 0.02, duty: 0.1})).toBe(false);
});

test('the budget grows with the threads that run, so that each is looked at twenty times a second, to six tenths at most', () => {
	expect(dutyFor(0, {look: 0.02})).toBe(0.1);
	expect(dutyFor(100, {look: 0.02})).toBe(0.1);
	const duty = dutyFor(300, {look: 0.02});
	expect(duty).toBeGreaterThan(300 * 20 * 0.000_02);
	expect(isForMovers(300, {look: 0.02, duty})).toBe(true);
	expect(dutyFor(10_000, {look: 0.02})).toBe(0.6);
	expect(worked(4, {duty: 0.6})).toBeGreaterThan(0.54);
	expect(worked(4, {duty: 0.6})).toBeLessThanOrEqual(0.6 + 1e-9);
});

test('the first look at all threads goes fast, and still leaves four tenths of a CPU', () => {
	expect(restInFirstRound(6, 6)).toBeCloseTo(4);
	expect(restInFirstRound(6, 20)).toBe(0);
});

test('switches are counted of as many threads as there is time to read them of', () => {
	expect(countsSwitches(500, 5)).toBe(true);
	expect(countsSwitches(2000, 5)).toBe(false);
	expect(countsSwitches(2000, 60)).toBe(true);
});
