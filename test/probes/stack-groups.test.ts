import {expect, test} from 'vitest';
import {lockLookup} from '../../source/probes/lock-words.js';
import {stackGroups} from '../../source/probes/stack-groups.js';
import {tallyOf} from './tallies.js';

const wait = {kind: 'poll', call: 'poll', timed: true, timeoutMilliseconds: 50} as const;

test('threads in the same place are one group, the largest first', () => {
	const groups = stackGroups(
		[
			tallyOf(1, [{wait: {kind: 'running'}, milliseconds: 1}], {name: 'main'}),
			...[2, 3, 4].map(tid =>
				tallyOf(tid, [{wait, milliseconds: 9, stack: ['poll+0x1', 'work+0x2']}]),
			),
			tallyOf(5, [{wait, milliseconds: 9, stack: ['poll+0x1', 'other+0x2']}]),
		],
		lockLookup([]),
	);
	expect(groups.map(({threadCount, stack}) => [threadCount, stack])).toEqual([
		[3, ['poll+0x1', 'work+0x2']],
		[1, undefined],
		[1, ['poll+0x1', 'other+0x2']],
	]);
	expect(groups[0]?.tids).toEqual([2, 3, 4]);
});

test('a thread that has ended is in no group', () => {
	const tally = tallyOf(1, [{wait, milliseconds: 9}]);
	tally.entry.dead = true;
	expect(stackGroups([tally], lockLookup([]))).toEqual([]);
});
