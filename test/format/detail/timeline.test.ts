import {expect, test} from 'vitest';
import {stripColumns, timelineLines} from '../../../source/format/detail/timeline.js';
import type {LockTimeline} from '../../../source/model/lock-timeline.js';
import {makeProcess, makeThread} from '../../helpers/snapshot.js';

const timelineOf = (
	strips: readonly string[],
	change: Partial<LockTimeline> = {},
): LockTimeline => ({
	pid: 100,
	startTimeTicks: 1000,
	lock: {id: 'futex:0x10', kind: 'mutex', name: 'server!mu', recordsHolder: true},
	samples: strips[0]!.length,
	seconds: strips[0]!.length / 50,
	cpuPercent: 1.4,
	threads: strips.map((states, index) => ({tid: 101 + index, states})),
	threadsLeftOut: 0,
	...change,
});

const process = makeProcess({
	pid: 100,
	threads: [
		makeThread({tid: 101, name: 'teller'}),
		makeThread({tid: 102, name: 'clerk'}),
		makeThread({tid: 103, name: 'idle'}),
	],
});

const textOf = (timeline: LockTimeline | undefined, width = 100, ascii = true): string =>
	timelineLines(process, timeline === undefined ? {} : {timeline}, width, ascii)
		.map(({text}) => text)
		.join('\n');

test('with room each sample is a column, the newest on the right', () => {
	expect(stripColumns(timelineOf(['HHWW', 'WWHH']), 10)).toEqual(['HHWW', 'WWHH']);
	expect(stripColumns(timelineOf(['HHHHHHHHWW', 'WWWWWWWWHH'], {seconds: 9}), 2)).toEqual([
		'HW',
		'WH',
	]);
});

test('of several samples a column shows what the thread did most, and never two that hold the lock', () => {
	// In the second half both held it twice: only one of them may be told.
	const strips = stripColumns(timelineOf(['HHHWHHWW', 'WWWHWWHH'], {seconds: 1}), 2);
	expect(strips).toEqual(['HH', 'WW']);
	const crowd = Array.from({length: 4}, (_, index) =>
		Array.from({length: 300}, (_sample, at) => (at % 4 === index ? 'H' : 'W')).join(''),
	);
	for (const width of [7, 40, 100]) {
		const columns = stripColumns(timelineOf(crowd), width);
		for (let column = 0; column < columns[0]!.length; column++) {
			expect(columns.filter(strip => strip[column] === 'H').length).toBeLessThanOrEqual(1);
		}
	}
});

test('a strip has its thread, its shares, and signs that need no colour', () => {
	const lines = textOf(timelineOf(['HHHWQR', 'WWWHSS'])).split('\n');
	expect(lines[0]).toBe('Timeline of 0.1 s: mutex server!mu, 42 looks a second');
	expect(lines[1]).toContain('# holds it  - waits for it  ~ wants a CPU  + runs  . other wait');
	expect(lines[2]).toMatch(/101 \{teller\} + 50% +17% {2}###-~\+$/);
	expect(lines[3]).toMatch(/102 \{clerk\} + 17% +50% {2}---#\.\.$/);
	expect(textOf(timelineOf(['HW', 'WH']), 100, false)).toContain('█─');
});

test('each state has its own colour', () => {
	const strip = timelineLines(process, {timeline: timelineOf(['HHWQ', 'SSSS'])}, 100, true)[2]!;
	expect(strip.spans?.slice(1)).toEqual([
		{role: 'fix', text: '##'},
		{role: 'critical', text: '-'},
		{role: 'warning', text: '~'},
	]);
});

test('threads that only waited for something else are counted, not drawn', () => {
	const text = textOf(timelineOf(['HH', 'WW', 'SS'], {threadsLeftOut: 4}));
	expect(text).not.toContain('{idle}');
	expect(text).toContain('5 threads that only waited for something else, or switch least');
	expect(text).toContain('costs 1.4 % of a CPU while it is shown');
});

test('a lock that records no holder is said to, and without a lock there are only CPUs to show', () => {
	const {lock: _, ...without} = timelineOf(['RRQQ', 'SSSS']);
	const recordless = {
		...timelineOf(['WS']),
		lock: {id: 'x', kind: 'semaphore', name: 'jobs', recordsHolder: false},
	};
	expect(textOf(recordless)).toContain('this kind of lock does not record its holder');
	expect(textOf(without)).toContain('no lock that a thread waits for');
	expect(textOf(without)).not.toContain('holds it');
	expect(textOf(without)).toMatch(/101 \{teller\} + 50% +50% {2}\+\+~~/);
});

test('a timeline of another process, and none, are no lines', () => {
	expect(textOf(undefined)).toBe('');
	expect(textOf(timelineOf(['HH'], {pid: 7}))).toBe('');
	expect(textOf(timelineOf(['HH'], {startTimeTicks: 7}))).toBe('');
});
