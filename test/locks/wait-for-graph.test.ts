import {expect, test} from 'vitest';
import {blockedBehind, findCircles} from '../../source/locks/wait-for-graph.js';

test('two threads that wait for each other', () => {
	expect(
		findCircles(
			new Map([
				[7, 3],
				[3, 7],
			]),
		),
	).toEqual([[3, 7]]);
});

test('a thread that waits for itself', () => {
	expect(findCircles(new Map([[5, 5]]))).toEqual([[5]]);
});

test('a chain is no circle, however long, nor are threads that wait for one', () => {
	const chain = new Map(Array.from({length: 100_000}, (_, tid) => [tid, tid + 1]));
	expect(findCircles(chain)).toEqual([]);
	expect(
		findCircles(
			new Map([
				[1, 9],
				[2, 9],
				[3, 9],
			]),
		),
	).toEqual([]);
});

test('threads behind a circle are not in it, but blocked by it', () => {
	const graph = new Map([
		[10, 4],
		[4, 6],
		[6, 2],
		[2, 4],
		[11, 10],
		[20, 21],
	]);
	const circles = findCircles(graph);
	expect(circles).toEqual([[2, 4, 6]]);
	expect(blockedBehind(graph, circles[0]!)).toEqual([10, 11]);
});

test('each circle is found once', () => {
	const graph = new Map([
		[1, 2],
		[2, 1],
		[3, 4],
		[4, 5],
		[5, 3],
		[6, 6],
	]);
	expect(findCircles(graph)).toEqual([[1, 2], [3, 4, 5], [6]]);
});
