import {expect, test} from 'vitest';
import type {FoundHolders} from '../../source/observer/object-holders.js';
import {mayBeHeldUnseen} from '../../source/observer/unseen-holders.js';
import {createProcessEntry} from '../../source/sampler/task-entry.js';

const processes = new Map(
	[
		{pid: 1, parentPid: 0, startTimeTicks: 1},
		{pid: 10, parentPid: 1, startTimeTicks: 100},
		{pid: 20, parentPid: 10, startTimeTicks: 200},
		{pid: 30, parentPid: 20, startTimeTicks: 300},
		{pid: 31, parentPid: 30, startTimeTicks: 310},
		{pid: 40, parentPid: 1, startTimeTicks: 400},
		{pid: 50, parentPid: 11, startTimeTicks: 500},
		{pid: 11, parentPid: 1, startTimeTicks: 90},
	].map(each => [each.pid, {...createProcessEntry(each.pid), ...each}]),
);

/** Of what process 30 has. */
const mayHave = (
	refused: readonly number[],
	more: Partial<FoundHolders['holders'][number]> = {},
) => {
	const holder = {pid: 30, access: 'both', outlivesExec: false, ...more} as const;
	return mayBeHeldUnseen({holders: [holder], processes: 8, refused}, processes);
};

test('nobody is unseen where nothing was refused', () => {
	expect(mayHave([], {outlivesExec: true})).toBe(false);
});

test('what a program inherits may be anybody’s who was refused', () => {
	expect(mayHave([1], {outlivesExec: true})).toBe(true);
});

test('what no program inherits only the forked ones share', () => {
	// Those before it, and a later child of one of those.
	expect(mayHave([1, 10, 11, 50])).toBe(false);
	// It was forked from 20, and 31 from it; 40 is an orphan.
	expect(mayHave([20])).toBe(true);
	expect(mayHave([31])).toBe(true);
	expect(mayHave([40])).toBe(true);
	expect(mayHave([99])).toBe(true);
});
