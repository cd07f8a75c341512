import {expect, test} from 'vitest';
import {ageMemos, createMemo} from '../../source/model/memo.js';

const age = (snapshots: number) => {
	for (let taken = 0; taken < snapshots; taken++) {
		ageMemos();
	}
};

test('a memo keeps what was found out about an object that is asked for with each Snapshot', () => {
	const memo = createMemo<object, string>();
	const thread = {};
	memo.set(thread, 'asleep');
	for (let snapshot = 0; snapshot < 100; snapshot++) {
		ageMemos();
		expect(memo.get(thread)).toBe('asleep');
	}
});

test('a memo forgets an object that nobody asked for while some Snapshots were taken', () => {
	const memo = createMemo<object, string>();
	const thread = {};
	memo.set(thread, 'asleep');
	age(20);
	expect(memo.get(thread)).toBeUndefined();
});

test('a memo holds an object over the next Snapshot, whenever it was put there', () => {
	for (let before = 0; before < 8; before++) {
		const memo = createMemo<object, number>();
		const thread = {};
		age(before);
		memo.set(thread, 0);
		ageMemos();
		expect(memo.get(thread)).toBe(0);
	}
});
