import {expect, test} from 'vitest';
import {buildProcessTree, type ProcessNode} from '../../source/format/process-tree.js';
import {makeProcess} from '../helpers/snapshot.js';

const process = (pid: number, parentPid: number, voluntarySwitchesPerSecond?: number | null) =>
	makeProcess({
		pid,
		parentPid,
		voluntarySwitchesPerSecond,
		involuntarySwitchesPerSecond: undefined,
	});

const shape = (nodes: readonly ProcessNode[]): unknown[] =>
	nodes.map(({id, children}) => (children.length === 0 ? id : [id, ...shape(children)]));

test('children of init and orphans stand at the top, as in ps axf', () => {
	const tree = buildProcessTree([
		process(1, 0),
		process(10, 1),
		process(11, 10),
		process(20, 999),
		process(21, 20),
	]);
	expect(shape(tree)).toEqual([1, [10, 11], [20, 21]]);
});

test('a subtree is summed up, and what is not known does not spoil the sum', () => {
	const [top] = buildProcessTree([
		process(10, 1, 5),
		process(11, 10, 7),
		process(12, 11, null),
		process(13, 10),
	]);
	expect(top?.rates.voluntary).toBe(12);
	expect(top?.ownRates.voluntary).toBe(5);
	expect(top).toMatchObject({descendants: 3, threadCount: 4});
});

test('a sum of refusals is refused, a sum of nothing is nothing', () => {
	const [refused, absent] = buildProcessTree([
		process(10, 1, null),
		process(11, 10),
		process(20, 1),
		process(21, 20),
	]);
	expect(refused?.rates.voluntary).toBeNull();
	expect(absent?.rates.voluntary).toBeUndefined();
});

test('processes that are each other’s parents are not lost', () => {
	const tree = buildProcessTree([process(10, 11), process(11, 10), process(12, 12)]);
	expect(shape(tree)).toEqual([12, [10, 11]]);
});

test('a chain of many thousand processes needs no deep stack', () => {
	const chain = Array.from({length: 20_000}, (_, index) => process(index + 2, index + 1, 1));
	expect(buildProcessTree(chain)[0]?.rates.voluntary).toBe(20_000);
});
