import {expect, test} from 'vitest';
import {
	createSeen,
	credit,
	creditMove,
	creditRest,
	creditStill,
	isGlanceEnough,
	learnPlace,
} from '../../source/probes/thread-tally.js';
import {columnMilliseconds, tallyOf} from './tallies.js';

const poll = {kind: 'poll', call: 'poll'} as const;
const better = () =>
	createSeen({wait: poll, callNumber: 7, stack: {addresses: [1], names: ['poll', 'work']}});

test('what is learnt of a place later belongs to all the time that the thread was there', () => {
	const tally = tallyOf(1, [
		{wait: {kind: 'running'}, milliseconds: 100},
		{wait: poll, milliseconds: 200},
	]);
	const place = better();
	tally.places.set('better', place);
	learnPlace(tally, place);
	credit(tally, place, 400, columnMilliseconds);
	expect(
		[...tally.places.values()].map(({wait, milliseconds}) => [wait.kind, milliseconds]),
	).toEqual([
		['running', 100],
		['poll', 300],
	]);
	expect(place).toMatchObject({looks: 1, arrivals: 1});
	expect(tally.columns.seen.slice(1)).toEqual([place, place, place]);
	expect(tally.asleep?.place).toBe(place);
});

test('of a place that it came to more than once nobody knows whether it was the same', () => {
	const tally = tallyOf(1, [{wait: poll, milliseconds: 200, arrivals: 2}]);
	const place = better();
	tally.places.set('better', place);
	learnPlace(tally, place);
	credit(tally, place, 300, columnMilliseconds);
	expect([...tally.places.values()].map(({milliseconds}) => milliseconds)).toEqual([200, 100]);
});

test('what a thread was seen in last is its place until the end, and the look stays as old as it is', () => {
	const tally = tallyOf(1, [{wait: poll, milliseconds: 100}]);
	creditRest(tally, 300, columnMilliseconds);
	expect(tally.current?.milliseconds).toBe(300);
	expect(tally.columns.seen).toHaveLength(3);
	expect(tally.asleep?.milliseconds).toBe(100);
	expect(tally.lookedAt).toBe(100);
});

test('of a thread that went from one sleep to the next, either has half of the time between two looks', () => {
	const tally = tallyOf(1, [{wait: poll, milliseconds: 100}]);
	const next = createSeen({wait: {kind: 'sleep', call: 'nanosleep'}, callNumber: 35});
	const before = tally.current;
	creditMove(tally, next, 300, columnMilliseconds);
	expect([before?.milliseconds, next.milliseconds]).toEqual([200, 100]);
	expect(tally.current).toBe(next);
	expect(tally.lookedAt).toBe(300);
	expect(tally.columns.seen).toEqual([before, before, next]);
});

test('time through which a thread was proven to stay where it was is credited at once, and known closely', () => {
	const tally = tallyOf(1, [{wait: poll, milliseconds: 100}]);
	Object.assign(tally, {stillUntil: 350, stillLooks: 3});
	creditStill(tally, columnMilliseconds);
	creditStill(tally, columnMilliseconds);
	expect(tally.current).toMatchObject({milliseconds: 350, looks: 4});
	expect(tally.closelyKnownMilliseconds).toBe(250);
	expect(tally.lookedAt).toBe(350);
});

test('of a thread that runs all the time the counters are read at every fourth look, of one that slept on at each', () => {
	const {current} = tallyOf(1, [{wait: poll, milliseconds: 100}]);
	const fromLookToLook = (quietLooks: number): number[] => {
		let glances = 0;
		return Array.from({length: 9}, () => {
			glances = isGlanceEnough({current, quietLooks, glances}) ? glances + 1 : 0;
			return glances;
		});
	};

	expect(fromLookToLook(0)).toEqual([1, 2, 3, 0, 1, 2, 3, 0, 1]);
	expect(fromLookToLook(1)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0]);
	expect(isGlanceEnough({current: undefined, quietLooks: 0, glances: 0})).toBe(false);
});
