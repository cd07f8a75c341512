import {expect, test} from 'vitest';
import {gilLine} from '../../source/format/gil-line.js';
import type {Gil, Runtime} from '../../source/model/process.js';
import {makeProcess, makeThread} from '../helpers/snapshot.js';

const lineOf = (gil: Partial<Gil> | undefined, runtime: Partial<Runtime> = {}) =>
	gilLine(
		makeProcess({
			threads: [makeThread({tid: 100}), makeThread({tid: 18_515, name: 'gunicorn\u001b'})],
			runtime: {
				name: 'cpython',
				version: '3.11',
				source: 'maps',
				...(gil && {gil: {waiters: 0, waiterTids: [], region: 'python3.11', ...gil}}),
				...runtime,
			},
		}),
	);

test('it says who holds the GIL most, where, how many wait and how often it goes around', () => {
	expect(
		lineOf({
			holderTid: 100,
			holders: [
				{tid: 18_515, percent: 38.2, frame: 'burn (pyload.py:6)'},
				{tid: 100, percent: 33},
			],
			freePercent: 6,
			waiters: 43.1,
			handOffsPerSecond: 128.4,
		}),
	).toBe('held by 18515 burn (pyload.py:6) 38 %, free 6 %, 43 wait, 128 hand-offs/s');
});

test('without a frame the thread has its name, made safe to print', () => {
	expect(lineOf({holders: [{tid: 18_515, percent: 99.7}], freePercent: 0.3, waiters: 1})).toBe(
		'held by 18515 {gunicorn?} 100 %, 1 waits',
	);
	expect(lineOf({holders: [{tid: 4711, percent: 0.2, frame: 'a\u0007 (b.py:1)'}]})).toBe(
		'held by 4711 a? (b.py:1) <1 %, nobody waits',
	);
});

test('zero, not known and refused are three things', () => {
	expect(lineOf({freePercent: 100, handOffsPerSecond: 0})).toBe(
		'free 100 %, nobody waits, 0 hand-offs/s',
	);
	expect(lineOf({waiters: 0.3})).toBe('<1 wait');
	expect(lineOf({waiters: 2, holderTid: null})).toBe('holder refused, 2 wait');
	expect(lineOf({waiters: 2, holderTid: 100})).toBe('held by 100 {worker}, 2 wait');
	expect(lineOf(undefined)).toBeUndefined();
});

test('a build without a GIL is told as that, and each interpreter with its own', () => {
	expect(lineOf(undefined, {version: '3.13t', withoutGil: true})).toBe(
		'none: cpython 3.13t runs its threads side by side',
	);
	const other = {interpreterId: 1, waiters: 2, waiterTids: [], region: 'anonymous'};
	expect(lineOf({interpreterId: 0, freePercent: 90}, {otherGils: [other]})).toBe(
		'interpreter 0 free 90 %, nobody waits; interpreter 1 2 wait',
	);
});

test('a runtime that keeps its holder to itself says so', () => {
	expect(lineOf({waiters: 3.2, holderNote: 'not seen from outside: it does not tell\u001b'})).toBe(
		'holder not seen from outside: it does not tell?, 3 wait',
	);
});
