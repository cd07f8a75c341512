import {expect, test} from 'vitest';
import {createMovers} from '../../source/probes/movers.js';
import {tallyOf} from './tallies.js';

const mover = (tid: number, quietSince = 0) => Object.assign(tallyOf(tid, []), {quietSince});

test('those that ran lately are looked at twenty times a second, those that are not due left alone', () => {
	const movers = createMovers({look: 0.02, duty: 0.1});
	const [one, other] = [mover(1), mover(2)];
	movers.add(one);
	movers.add(other);
	other.dueAt = 170;
	expect(movers.due(100)).toEqual([one]);
	expect(movers.due(149)).toEqual([]);
	expect(movers.due(160)).toEqual([one]);
	expect(movers.due(210)).toEqual([one, other]);
});

test('one that the round over all has just looked at waits for its turn', () => {
	const movers = createMovers({look: 0.02, duty: 0.1});
	movers.add(Object.assign(mover(1), {lookedAt: 90}));
	movers.add(Object.assign(mover(2), {lookedAt: 60}));
	expect(movers.due(100).map(({entry}) => entry.tid)).toEqual([2]);
});

test('one that sleeps on is forgotten', () => {
	const movers = createMovers({look: 0.02, duty: 0.1});
	movers.add(mover(1, 100));
	movers.add(mover(2, 1000));
	expect(movers.due(1500).map(({entry}) => entry.tid)).toEqual([2]);
	expect(movers.due(3000)).toEqual([]);
});

test('many of them are looked at no more often than all others', () => {
	const movers = createMovers({look: 0.02, duty: 0.1});
	for (let tid = 0; tid < 1000; tid++) {
		movers.add(mover(tid));
	}

	expect(movers.due(100)).toEqual([]);
});
