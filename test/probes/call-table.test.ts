import {expect, test} from 'vitest';
import type {Lock} from '../../source/model/lock.js';
import {callTable} from '../../source/probes/call-table.js';
import {lockLookup} from '../../source/probes/lock-words.js';
import {tallyOf} from './tallies.js';

const poll = {kind: 'poll', call: 'poll', timed: true, timeoutMilliseconds: 50} as const;
const futex = {kind: 'lock', call: 'futex', timed: false} as const;
const mutex: Lock = {
	id: 'futex:0x1000',
	kind: 'mutex',
	name: 'app!queue_lock',
	waiterTids: [2],
	waitersAverage: 1,
	contendedPercent: 50,
	confidence: 'certain',
};

test('shares are of the time asleep, and the busiest call comes first', () => {
	const table = callTable(
		[
			tallyOf(1, [
				{wait: poll, milliseconds: 600},
				{wait: {kind: 'running'}, milliseconds: 400},
			]),
			tallyOf(2, [{wait: futex, milliseconds: 200, futexKey: 0x1000}]),
		],
		lockLookup([mutex]),
		1,
	);
	expect(table.map(({call, percent, seconds}) => ({call, percent, seconds}))).toEqual([
		{call: 'poll', percent: 75, seconds: 0.6},
		{call: 'futex', percent: 25, seconds: 0.2},
	]);
	expect(table[1]?.mostly).toBe('mutex app!queue_lock');
});

test('wakes are the voluntary switches, split by where a thread was found after it had run', () => {
	const [first, second] = callTable(
		[
			tallyOf(
				1,
				[
					{wait: poll, milliseconds: 900, arrivals: 3},
					{wait: futex, milliseconds: 100, arrivals: 1},
				],
				{switches: 200},
			),
		],
		lockLookup([]),
		2,
	);
	expect(first?.wakesPerSecond).toBe(75);
	expect(second?.wakesPerSecond).toBe(25);
});

test('tells the limit that most of the time had, and how much of it had one', () => {
	const [row] = callTable(
		[
			tallyOf(1, [
				{wait: {...poll, timeoutMilliseconds: 49.8}, milliseconds: 600},
				{wait: {...poll, timeoutMilliseconds: 1000}, milliseconds: 200},
				{wait: {kind: 'poll', call: 'poll', timed: false}, milliseconds: 200},
			]),
		],
		lockLookup([]),
		1,
	);
	expect(row?.timeoutMilliseconds).toBe(50);
	expect(row?.timedPercent).toBe(80);
});

test('a process that was never seen to sleep has an empty table', () => {
	expect(
		callTable([tallyOf(1, [{wait: {kind: 'running'}, milliseconds: 5}])], lockLookup([]), 1),
	).toEqual([]);
});

test('tells the function of the program that waits, not those of the C library around the call', () => {
	const [row] = callTable(
		[
			tallyOf(1, [
				{
					wait: {kind: 'sleep', call: 'clock_nanosleep'},
					milliseconds: 5,
					stack: [
						'clock_nanosleep+0x65',
						'nanosleep+0x13',
						'usleep+0x49',
						'idle+0x2a',
						'start_thread+0x305',
					],
				},
			]),
		],
		lockLookup([]),
		1,
	);
	expect(row?.mostlyIn).toBe('idle+0x2a');
});
