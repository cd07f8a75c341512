import {expect, test} from 'vitest';
import {commandCell} from '../../source/format/command-cell.js';
import type {Row} from '../../source/format/row.js';
import {groupThreads} from '../../source/format/thread-groups.js';
import {makeProcess, makeThread} from '../helpers/snapshot.js';

const threads = (count: number, make: (index: number) => Parameters<typeof makeThread>[0]) =>
	Array.from({length: count}, (_, index) => makeThread({tid: 101 + index, ...make(index)}));

const group = (list: ReturnType<typeof threads>) =>
	groupThreads(makeProcess({pid: 100, threads: [makeThread({tid: 100}), ...list]}));

test('threads that wait alike at alike rates are one group, the main thread is not in it', () => {
	const {groups, single} = group(
		threads(38, index => ({
			name: `worker-${index}`,
			voluntarySwitchesPerSecond: 50 + index,
			wait: {kind: 'futex'},
		})),
	);
	expect(groups).toHaveLength(1);
	expect(groups[0]).toMatchObject({wait: 'futex', namePattern: 'worker-#'});
	expect(groups[0]?.threads).toHaveLength(38);
	expect(groups[0]?.rates.voluntary).toBe(38 * 50 + (37 * 38) / 2);
	expect(single.map(({tid}) => tid)).toEqual([100]);
});

test('rates that are further apart than a factor of two are different groups', () => {
	const {groups} = group(
		threads(8, index => ({voluntarySwitchesPerSecond: index < 4 ? 100 : 250})),
	);
	expect(groups.map(({threads: alike}) => alike.length)).toEqual([4, 4]);
	expect(new Set(groups.map(({id}) => id)).size).toBe(2);
});

test('idle threads are alike whatever is left of their rates', () => {
	const {groups} = group(threads(4, index => ({voluntarySwitchesPerSecond: index * 0.3})));
	expect(groups).toHaveLength(1);
});

test('other names, other waits and other states are other groups', () => {
	const {groups} = group([
		...threads(3, index => ({name: `a${index}`})),
		...threads(3, index => ({tid: 201 + index, name: `b${index}`})),
		...threads(3, index => ({tid: 301 + index, name: `a${index}`, state: 'D'})),
		...threads(3, index => ({tid: 401 + index, name: `a${index}`, wait: {kind: 'epoll'}})),
	]);
	expect(groups).toHaveLength(4);
});

test('threads that were looked at repeatedly are compared by what they mostly did, not by one moment', () => {
	const {groups} = group(
		threads(6, index => ({
			state: index % 2 === 0 ? 'R' : 'S',
			waits: [{kind: 'futex', percent: 80}],
		})),
	);
	expect(groups).toHaveLength(1);
});

test('two alike threads are not worth a group', () => {
	const {groups, single} = group(threads(2, () => ({})));
	expect(groups).toEqual([]);
	expect(single).toHaveLength(3);
});

const inFunction = (name: string, line: number) => [
	'sleep (python3.11/time.py:1)',
	`${name} (pykafka/producer.py:${line})`,
];

test('threads in another function of the application are another group, whatever line of it they are at', () => {
	const {groups} = group([
		...threads(5, index => ({runtimeStack: inFunction('_poll', index < 3 ? 312 : 320)})),
		...threads(3, index => ({tid: 201 + index, runtimeStack: inFunction('_send', 40)})),
		...threads(4, index => ({tid: 301 + index})),
	]);
	expect(groups.map(({threads: alike, frame}) => [alike.length, frame])).toEqual([
		[5, '_poll (pykafka/producer.py:312)'],
		[3, '_send (pykafka/producer.py:40)'],
		[4, undefined],
	]);
	expect(new Set(groups.map(({id}) => id)).size).toBe(3);
});

test('threads that are all over the place, as those that compute, stay together', () => {
	const {groups, single} = group(
		threads(6, index => ({runtimeStack: inFunction(`f${index >> 1}`, index)})),
	);
	expect(groups).toHaveLength(1);
	expect(groups[0]?.frame).toBeUndefined();
	expect(groups[0]?.threads).toHaveLength(6);
	expect(single).toHaveLength(1);
});

test('a fold says where its threads are, in as much room as there is', () => {
	const process = makeProcess({
		pid: 100,
		threads: [
			makeThread({tid: 100}),
			...threads(38, () => ({
				name: 'gunicorn',
				voluntarySwitchesPerSecond: 20,
				wait: {kind: 'poll', timed: true, timeoutMilliseconds: 50},
				runtimeStack: inFunction('_poll\u001b', 312),
			})),
		],
	});
	const {groups} = groupThreads(process);
	const cell = (width: number, hasWaitingColumn = false) =>
		commandCell(
			{
				kind: 'group',
				key: '',
				parentKey: '',
				prefix: '',
				process,
				rates: groups[0]!.rates,
				group: groups[0]!,
				open: false,
				id: 0,
			} as Row & {kind: 'group'},
			width,
			hasWaitingColumn,
		);
	expect(cell(100)).toMatch(
		/^38 threads \| poll.* \| 20\/s each \| pykafka\/producer\.py:312 _poll\? \{gunicorn\}$/,
	);
	expect(cell(60, true)).toBe('38 threads | 20/s each | pykafka/producer.py:312 _poll?');
	expect(cell(50, true)).toBe('38 threads | pykafka/producer.py:312 _poll?');
	expect(cell(32, true)).toBe('pykafka/producer.py:312 _poll?');
	expect(cell(22, true)).toBe('producer.py:312 _poll?');
	expect(cell(22)).toBe('producer.py:312 _poll?');
	expect(cell(10, true)).toBe('_poll?');
	expect(cell(18)).toBe('poll 50 ms _poll?');
	expect(cell(8)).toMatch(/^poll.* 20\/s each$/);
});

test('a thread’s own row says where in the application it is', () => {
	const thread = makeThread({tid: 101, name: 'gunicorn', runtimeStack: inFunction('_poll', 312)});
	const process = makeProcess({pid: 100, threads: [makeThread({tid: 100}), thread]});
	const row = {kind: 'thread', prefix: ' \\_ ', process, thread} as Row & {kind: 'thread'};
	expect(commandCell(row, 80, true)).toBe(' \\_ {gunicorn}  pykafka/producer.py:312 _poll');
	expect(commandCell(row, 40, true)).toBe(' \\_ {gunicorn}  producer.py:312 _poll');
	expect(commandCell(row, 28, true)).toBe(' \\_ producer.py:312 _poll');
	expect(commandCell({...row, thread: makeThread({name: 'gunicorn'})}, 8, true)).toBe(
		' \\_ {gunicorn}',
	);
});

test('threads that run code whose place is not recorded say so where there is room', () => {
	const note = 'running Java code: no frame recorded';
	const list = threads(3, () => ({
		name: 'worker',
		state: 'R',
		involuntarySwitchesPerSecond: 20,
		runtimeStackNote: `${note}\u001b`,
	}));
	const process = makeProcess({pid: 100, threads: [makeThread({tid: 100}), ...list]});
	const row = {kind: 'thread', prefix: '', process, thread: list[0]!} as Row & {kind: 'thread'};
	expect(commandCell(row, 80, true)).toBe(`{worker}  ${note}?`);
	expect(commandCell(row, 20, true)).toBe('{worker}');

	const [alike] = groupThreads(process).groups;
	const groupRow = {...row, kind: 'group', group: alike!} as unknown as Row;
	expect(commandCell(groupRow, 100, true)).toBe(`3 threads | 20/s each {worker} ${note}?`);
	expect(commandCell(groupRow, 40, true)).toBe('3 threads | 20/s each {worker}');
	const mixed = makeProcess({
		pid: 100,
		threads: [makeThread({tid: 100}), ...list.slice(1), {...list[0]!, runtimeStackNote: undefined}],
	});
	expect(groupThreads(mixed).groups[0]).not.toHaveProperty('frameNote');
});
