import {expect, test} from 'vitest';
import {selectProcesses} from '../../source/observer/select-processes.js';
import {makeProcess} from '../helpers/snapshot.js';

const processes = [
	makeProcess({pid: 1, parentPid: 0}),
	makeProcess({pid: 10, parentPid: 1, user: 'web', userId: 33}),
	makeProcess({pid: 11, parentPid: 10, user: 'web', userId: 33}),
	makeProcess({pid: 12, parentPid: 11}),
	makeProcess({pid: 20, parentPid: 1, user: undefined, userId: 4711}),
	makeProcess({pid: 5, parentPid: 12}),
];

const pidsOf = (selection: Parameters<typeof selectProcesses>[1]) =>
	selectProcesses(processes, selection).map(({pid}) => pid);

test('without a selection the list is the same one', () => {
	expect(selectProcesses(processes, {})).toBe(processes);
});

test('a pid selects its descendants too, whatever their own ids, in the order of the list', () => {
	expect(pidsOf({pids: [11]})).toEqual([11, 12, 5]);
	expect(pidsOf({pids: [20, 12]})).toEqual([12, 20, 5]);
});

test('pids that aren’t there select nothing', () => {
	expect(pidsOf({pids: [999]})).toEqual([]);
	expect(pidsOf({pids: []})).toEqual([]);
});

test('a user is chosen by name or by id', () => {
	expect(pidsOf({user: 'web'})).toEqual([10, 11]);
	expect(pidsOf({user: '33'})).toEqual([10, 11]);
	expect(pidsOf({user: '4711'})).toEqual([20]);
	expect(pidsOf({user: 'undefined'})).toEqual([]);
});

test('pids and user together narrow', () => {
	expect(pidsOf({pids: [10], user: 'root'})).toEqual([12, 5]);
});

test('processes that name each other as parents end the search', () => {
	const ring = [makeProcess({pid: 7, parentPid: 8}), makeProcess({pid: 8, parentPid: 7})];
	expect(selectProcesses(ring, {pids: [7]})).toHaveLength(2);
});
