import {expect, test} from 'vitest';
import type {Lock} from '../../source/model/lock.js';
import {lockLookup} from '../../source/probes/lock-words.js';
import {timeline} from '../../source/probes/timeline.js';
import {columnMilliseconds, tallyOf} from './tallies.js';

const sleep = {kind: 'sleep', call: 'clock_nanosleep'} as const;
const futex = {kind: 'futex', call: 'futex'} as const;
const gil: Lock = {
	id: 'futex:0x1000',
	kind: 'gil',
	name: 'GIL',
	waiterTids: [],
	waitersAverage: 1,
	contendedPercent: 50,
	confidence: 'certain',
};

test('a column shows what took most of it', () => {
	const {threads} = timeline(
		[
			tallyOf(1, [
				{wait: {kind: 'running'}, milliseconds: 130},
				{wait: sleep, milliseconds: 150},
				{wait: futex, futexKey: 0x1000, milliseconds: 120},
			]),
		],
		lockLookup([gil]),
		columnMilliseconds,
	);
	expect(threads[0]?.states).toBe('RssG');
});

test('threads that do different things come before those that only sleep, and what has no room is counted', () => {
	const sleepers = Array.from({length: 70}, (_, index) =>
		tallyOf(index + 10, [{wait: sleep, milliseconds: 300}], {
			name: `${String.fromCodePoint(0x4e_00 + index)}-1`,
		}),
	);
	const {threads, threadsLeftOut} = timeline(
		[
			...sleepers,
			tallyOf(1, [
				{wait: sleep, milliseconds: 100},
				{wait: {kind: 'running'}, milliseconds: 100},
				{wait: sleep, milliseconds: 100},
			]),
		],
		lockLookup([]),
		columnMilliseconds,
	);
	expect(threads[0]).toMatchObject({tid: 1, states: 'sRs'});
	expect(threads).toHaveLength(60);
	expect(threadsLeftOut).toBe(11);
});

test('threads of one name that did the same share a line', () => {
	const sleepers = Array.from({length: 9}, (_, index) =>
		tallyOf(index + 10, [{wait: sleep, milliseconds: 300}], {name: `worker-${index}`}),
	);
	const {threads, threadsLeftOut} = timeline(
		[
			...sleepers,
			tallyOf(40, [{wait: sleep, milliseconds: 300}], {name: 'other'}),
			tallyOf(41, [{wait: futex, milliseconds: 300}], {name: 'worker-41'}),
		],
		lockLookup([]),
		columnMilliseconds,
	);
	expect(threads).toEqual([
		{tid: 10, name: 'worker-0', states: 'sss', alike: 8},
		{tid: 40, name: 'other', states: 'sss'},
		{tid: 41, name: 'worker-41', states: 'fff'},
	]);
	expect(threadsLeftOut).toBe(0);
});
