import {expect, test} from 'vitest';
import type {Wait, WaitShare} from '../../source/model/wait.js';
import {futexUses} from '../../source/observer/futex-uses.js';
import {
	createProcessEntry,
	createThreadEntry,
	type ThreadEntry,
} from '../../source/sampler/task-entry.js';

const futex = (address: number): Wait => ({
	kind: 'futex',
	call: 'futex',
	futexAddress: `0x${address.toString(16)}`,
});

const share = (address: number, percent: number): WaitShare => ({...futex(address), percent});

const processOf = (...threads: readonly Partial<ThreadEntry>[]) => {
	const process = createProcessEntry(100);
	for (const [index, overrides] of threads.entries()) {
		const tid = 100 + index;
		process.threads.set(tid, {...createThreadEntry(process, tid), ...overrides});
	}

	return process;
};

test('threads that ran count with their shares, threads that slept there all the time wholly', () => {
	const process = processOf(
		{waits: [share(0x1000, 70), {kind: 'running', percent: 30}]},
		{waits: [share(0x1000, 20), share(0x2000, 80)]},
		{wait: futex(0x2000), settled: true},
		{wait: {kind: 'epoll', call: 'epoll_wait'}, settled: true},
	);
	const tallies = new Map([
		[0x1000, {looks: 8, lastLook: 10}],
		[0x2000, {looks: 9, lastLook: 10}],
	]);
	const uses = futexUses(process, 10, tallies);
	expect(
		uses.map(({address, waiters, contendedPercent}) => ({
			address,
			contendedPercent,
			waiters: waiters.map(({tid, percent}) => [tid, percent]),
		})),
	).toEqual([
		{
			address: 0x1000,
			contendedPercent: 80,
			waiters: [
				[100, 70],
				[101, 20],
			],
		},
		{
			address: 0x2000,
			contendedPercent: 100,
			waiters: [
				[101, 80],
				[102, 100],
			],
		},
	]);
});

test('the two words of a condition variable are one place', () => {
	const process = processOf(
		{wait: futex(0x7f00_0000_10a8), settled: true},
		{wait: futex(0x7f00_0000_10ac), settled: true},
	);
	expect(futexUses(process, 0, undefined)).toHaveLength(1);
	expect(futexUses(process, 0, undefined)[0]!.waiters.map(({tid}) => tid)).toEqual([100, 101]);
});

test('a wait that was seen once and may be over is not counted as sleep', () => {
	const process = processOf({wait: futex(0x1000), settled: false}, {wait: null}, {wait: undefined});
	expect(futexUses(process, 10, undefined)).toEqual([]);
});

test('without a look nobody was seen to contend', () => {
	const process = processOf({waits: [share(0x1000, 50)]});
	expect(futexUses(process, 0, undefined)[0]!.contendedPercent).toBe(0);
});
