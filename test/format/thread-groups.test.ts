import {expect, test} from 'vitest';
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
