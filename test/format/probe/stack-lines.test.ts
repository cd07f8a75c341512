import {expect, test} from 'vitest';
import {stackLines} from '../../../source/format/probe/stack-lines.js';
import type {StackGroup} from '../../../source/model/probe.js';
import {sampleProbe} from './sample-probe.js';

const texts = (group: Partial<StackGroup>): readonly string[] =>
	stackLines(
		{
			...sampleProbe,
			stacks: [{tids: [7], threadCount: 1, names: ['w'], wait: {kind: 'running'}, ...group}],
		},
		100,
	)
		.slice(2)
		.map(({text}) => text);

const asleep = {
	wait: {kind: 'lock', call: 'futex'},
	lock: 'mutex app!lock',
	stack: ['lock+0x1', 'work+0x2'],
	secondsBeforeEnd: 0.0123,
} as const;

test('threads that run have the stack of their last sleep, marked as such and with its age', () => {
	expect(texts({lastAsleep: asleep, secondsBeforeEnd: 0.002})).toEqual([
		'1 thread w: running [7]',
		'  asleep last, 12 ms before the end: mutex app!lock, lock (futex)',
		'  #0  lock+0x1',
		'  #1  work+0x2',
		'',
	]);
	expect(texts({tids: [7, 8], threadCount: 2, lastAsleep: asleep})[1]).toBe(
		'  asleep last, up to 12 ms before the end: mutex app!lock, lock (futex)',
	);
});

test('what their runtime runs comes first', () => {
	expect(texts({runtimeStack: ['fetch (app.py:12)'], lastAsleep: asleep})).toEqual([
		'1 thread w: running [7]',
		'  #0  fetch (app.py:12)',
		'  asleep last, 12 ms before the end: mutex app!lock, lock (futex)',
		'  #0  lock+0x1',
		'  #1  work+0x2',
		'',
	]);
});

test('a thread that never slept is told by perf, or not at all', () => {
	expect(texts({lastRun: {stack: ['compute', 'main'], secondsBeforeEnd: 1.25}})).toEqual([
		'1 thread w: running [7]',
		'  ran last, 1.3 s before the end, as perf saw it:',
		'  #0  compute',
		'  #1  main',
		'',
	]);
	expect(texts({})[1]).toMatch(/no stack: it ran at each look/);
});

test('a look that is old says so', () => {
	expect(texts({...asleep, secondsBeforeEnd: 3.21})[0]).toBe(
		'1 thread w: mutex app!lock, lock (futex), 3.2 s before the end [7]',
	);
	expect(texts(asleep)[0]).toBe('1 thread w: mutex app!lock, lock (futex) [7]');
});

test('a thread that sleeps without a stack is not said to run', () => {
	expect(texts({wait: {kind: 'poll'}})).toEqual([
		'1 thread w: poll [7]',
		'  stack not read: of so many threads only some are',
		'',
	]);
});
