import {expect, test} from 'vitest';
import {createMovers} from '../../source/probes/movers.js';
import {tallyOf} from './tallies.js';

const mover = (tid: number, quietSince = 0) => Object.assign(tallyOf(tid, []), {quietSince});

test('those that ran lately are looked at twenty times a second, those that are not due left alone', () => {
	const movers = createMovers({look: 0.02});
	const [one, other] = [mover(1), mover(2)];
	movers.add(one);
	movers.add(other);
	other.dueAt = 70;
	expect(movers.due(0)).toEqual([one]);
	expect(movers.due(49)).toEqual([]);
	expect(movers.due(60)).toEqual([one]);
	expect(movers.due(110)).toEqual([one, other]);
});

test('one that sleeps on is forgotten', () => {
	const movers = createMovers({look: 0.02});
	movers.add(mover(1, 100));
	movers.add(mover(2, 1000));
	expect(movers.due(1500).map(({entry}) => entry.tid)).toEqual([2]);
	expect(movers.due(3000)).toEqual([]);
});

test('many of them are looked at no more often than all others', () => {
	const movers = createMovers({look: 0.02});
	for (let tid = 0; tid < 1000; tid++) {
		movers.add(mover(tid));
	}

	expect(movers.due(100)).toEqual([]);
});
