import {expect, test} from 'vitest';
import {
	activeThreads,
	areAllMarked,
	carryMarks,
	isAnyBlocked,
	isAnyWaiting,
	marks,
	threadsMarked,
	waitingIn,
} from '../../source/findings/thread-marks.js';
import type {Process} from '../../source/model/process.js';
import type {Thread} from '../../source/model/thread.js';

const threadOf = (tid: number, rest: Partial<Thread> = {}): Thread => ({
	tid,
	name: 'worker',
	state: 'S',
	startTimeTicks: 1,
	voluntarySwitchesPerSecond: 0,
	involuntarySwitchesPerSecond: 0,
	cpuPercent: 0,
	...rest,
});

const idle = (tid: number): Thread =>
	threadOf(tid, {wait: {kind: 'futex', call: 'futex', timed: false}});

const poller = (tid: number): Thread =>
	threadOf(tid, {
		voluntarySwitchesPerSecond: 20,
		cpuPercent: 0.1,
		waits: [
			{kind: 'running', percent: 1},
			{kind: 'sleep', call: 'clock_nanosleep', timed: true, timeoutMilliseconds: 50, percent: 99},
		],
	});

const processOf = (threads: readonly Thread[]): Process =>
	({pid: 1000, name: 'service', threads}) as unknown as Process;

const manyIdle = Array.from({length: 30}, (_, index) => idle(1000 + index));

test.each([
	['few', 3],
	['many', 30],
])('marks tell pollers from idle threads, of %s threads', (_, count) => {
	const threads = [...manyIdle.slice(0, count - 1), poller(2000)];
	expect(activeThreads(threads).map(({tid}) => tid)).toEqual([2000]);
	expect(threadsMarked(threads, marks.nearlyIdle).map(({tid}) => tid)).toEqual([2000]);
	expect(threadsMarked(threads, marks.woken, marks.limited).map(({tid}) => tid)).toEqual([2000]);
	expect(threadsMarked(threads, marks.still, waitingIn('futex'))).toHaveLength(count - 1);
	expect(areAllMarked(threads, marks.still | marks.endless)).toBe(false);
	expect(areAllMarked(threads.slice(0, -1), marks.still | marks.endless)).toBe(true);
	expect(isAnyWaiting(threads, waitingIn('sleep', 'disk'))).toBe(true);
	expect(isAnyWaiting(threads, waitingIn('disk', 'file-lock'))).toBe(false);
	expect(isAnyBlocked(threads)).toBe(false);
	expect(isAnyBlocked([...threads, threadOf(3000, {state: 'D'})])).toBe(true);
});

test('a thread that is another object than a second ago is looked at anew, wherever in the list it stands now', () => {
	const before = [...manyIdle, poller(2000)];
	carryMarks([processOf(before)], []);
	const woken = {...manyIdle[10]!, voluntarySwitchesPerSecond: 5};
	const after = [...manyIdle.slice(1, 10), woken, ...manyIdle.slice(11), poller(2000), idle(2001)];
	carryMarks([processOf(after)], [processOf(before)]);
	expect(activeThreads(after).map(({tid}) => tid)).toEqual([woken.tid, 2000]);
	expect(threadsMarked(after, marks.still).map(({tid}) => tid)).toEqual(
		after.map(({tid}) => tid).filter(tid => tid !== woken.tid && tid !== 2000),
	);
});

test('a wait without a limit beside one with a limit is not endless', () => {
	const both = threadOf(1, {
		waits: [
			{kind: 'futex', timed: false, percent: 90},
			{kind: 'futex', timed: true, timeoutMilliseconds: 5, percent: 10},
		],
	});
	expect(areAllMarked([both], marks.endless)).toBe(false);
	expect(threadsMarked([both], marks.limited)).toEqual([both]);
});
