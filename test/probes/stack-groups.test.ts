import {expect, test} from 'vitest';
import type {StackGroup} from '../../source/model/probe.js';
import type {LastRun} from '../../source/probes/last-runs.js';
import {lockLookup} from '../../source/probes/lock-words.js';
import {stackGroups} from '../../source/probes/stack-groups.js';
import type {ThreadTally} from '../../source/probes/thread-tally.js';
import {tallyOf} from './tallies.js';

const wait = {kind: 'poll', call: 'poll', timed: true, timeoutMilliseconds: 50} as const;
const running = {kind: 'running'} as const;

const groupsOf = (
	tallies: readonly ThreadTally[],
	lastRuns: ReadonlyMap<number, LastRun> = new Map(),
): readonly StackGroup[] =>
	stackGroups({tallies, lockOf: lockLookup([]), endMilliseconds: 100, lastRuns});

test('threads in the same place are one group, the largest first', () => {
	const groups = groupsOf([
		tallyOf(1, [{wait: running, milliseconds: 1}], {name: 'main'}),
		...[2, 3, 4].map(tid =>
			tallyOf(tid, [{wait, milliseconds: 9, stack: ['poll+0x1', 'work+0x2']}]),
		),
		tallyOf(5, [{wait, milliseconds: 9, stack: ['poll+0x1', 'other+0x2']}]),
	]);
	expect(groups.map(({threadCount, stack}) => [threadCount, stack])).toEqual([
		[3, ['poll+0x1', 'work+0x2']],
		[1, undefined],
		[1, ['poll+0x1', 'other+0x2']],
	]);
	expect(groups[0]?.tids).toEqual([2, 3, 4]);
	expect(groups[0]?.secondsBeforeEnd).toBe(0.091);
});

test('each with a condition of its own are in the same place all the same', () => {
	const futex = {kind: 'futex', call: 'futex'} as const;
	const groups = groupsOf(
		[1, 2].map(tid =>
			tallyOf(tid, [{wait: futex, futexKey: tid * 64, milliseconds: 9, stack: ['wait+0x1']}]),
		),
	);
	expect(groups).toMatchObject([{threadCount: 2}]);
});

test('a thread that has ended is in no group', () => {
	const tally = tallyOf(1, [{wait, milliseconds: 9}]);
	tally.entry.dead = true;
	expect(groupsOf([tally])).toEqual([]);
});

test('threads that run are told by where they slept last, and since when nobody saw them there', () => {
	const groups = groupsOf([
		...[1, 2].map(tid =>
			tallyOf(tid, [
				{wait, milliseconds: tid * 10, stack: ['poll+0x1', 'work+0x2']},
				{wait: running, milliseconds: 70},
			]),
		),
		tallyOf(3, [
			{wait, milliseconds: 10, stack: ['poll+0x1', 'other+0x2']},
			{wait: running, milliseconds: 70},
		]),
	]);
	expect(groups).toMatchObject([
		{
			tids: [1, 2],
			wait: running,
			secondsBeforeEnd: 0.02,
			lastAsleep: {wait, stack: ['poll+0x1', 'work+0x2'], secondsBeforeEnd: 0.09},
		},
		{tids: [3], lastAsleep: {stack: ['poll+0x1', 'other+0x2']}},
	]);
	expect(groups[0]?.stack).toBeUndefined();
});

test('a thread that slept in the end is told by that alone', () => {
	const [group] = groupsOf([
		tallyOf(1, [
			{wait: running, milliseconds: 10},
			{wait, milliseconds: 10, stack: ['poll+0x1']},
		]),
	]);
	expect(group?.wait.kind).toBe('poll');
	expect(group?.lastAsleep).toBeUndefined();
});

test('a thread that never slept is told by what perf saw it run', () => {
	const lastRuns = new Map([[1, {stack: ['compute', 'main'], secondsBeforeEnd: 0.004}]]);
	const tallies = [
		tallyOf(1, [{wait: running, milliseconds: 10}]),
		tallyOf(2, [{wait: running, milliseconds: 10}]),
	];
	expect(groupsOf(tallies, lastRuns)).toMatchObject([
		{tids: [1], lastRun: {stack: ['compute', 'main'], secondsBeforeEnd: 0.004}},
		{tids: [2]},
	]);
	expect(groupsOf(tallies, lastRuns)[1]?.lastRun).toBeUndefined();
	expect(groupsOf(tallies)).toMatchObject([{tids: [1, 2]}]);
});
