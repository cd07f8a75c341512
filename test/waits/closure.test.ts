import {expect, test} from 'vitest';
import {
	circleThrough,
	closedAmong,
	closedFamilies,
	pairAmong,
	wayTo,
} from '../../source/waits/closure.js';

const dependencies = (of: Record<string, string>): ReadonlyMap<string, ReadonlySet<string>> =>
	new Map(Object.entries(of).map(([item, others]) => [item, new Set(others)]));

test('who waits for somebody outside is not closed, nor who waits for that one', () => {
	const of = dependencies({a: 'b', b: 'x', c: 'd', d: 'c', e: 'ac'});
	expect([...closedAmong(of)].sort()).toEqual(['c', 'd']);
});

test('who only waits for the others is no member of their family', () => {
	// The shell waits for its child, and another one for the shell.
	const [family] = closedFamilies(dependencies({a: 'b', b: 'a', s: 'a', t: 's'}));
	expect(family!.toSorted()).toEqual(['a', 'b']);
	expect(closedFamilies(dependencies({a: '', s: 'a'}))).toEqual([['a']]);
});

test('nobody is counted twice, also who waits for itself and for several of a family', () => {
	const [family] = closedFamilies(dependencies({a: 'abc', b: 'cb', c: 'abc'}));
	expect(family!.toSorted()).toEqual(['a', 'b', 'c']);
});

test('each family is told by itself, with those whom it waits for', () => {
	const families = closedFamilies(dependencies({a: 'b', b: 'ac', c: '', d: 'e', e: 'd', f: 'f'}));
	expect(families.map(family => family.toSorted().join('')).sort()).toEqual(['abc', 'de', 'f']);
});

test('a circle is where each waits for one alone, and all are in it', () => {
	expect(circleThrough(['c', 'a', 'b'], dependencies({a: 'b', b: 'c', c: 'a'}))).toEqual([
		'c',
		'a',
		'b',
	]);
	expect(circleThrough(['a', 'b'], dependencies({a: 'b', b: 'ab'}))).toBeUndefined();
	expect(circleThrough(['a', 'b', 'c'], dependencies({a: 'b', b: 'a', c: 'a'}))).toBeUndefined();
	expect(circleThrough(['c', 'a', 'b'], dependencies({a: 'b', b: 'a', c: 'a'}))).toBeUndefined();
	expect(circleThrough(['a'], dependencies({a: 'a'}))).toBeUndefined();
});

test('a pair is where two need each other, whoever else does', () => {
	expect(pairAmong(['a', 'b', 'c'], dependencies({a: 'ac', b: 'c', c: 'ab'}))).toEqual(['a', 'c']);
	expect(pairAmong(['a', 'b'], dependencies({a: 'ab', b: 'b'}))).toBeUndefined();
});

test('the shortest way leads over those that each one waits for', () => {
	const of = dependencies({a: 'bc', b: 'd', c: 'e', d: 'e', e: 'a'});
	expect(wayTo(new Set(['e']), 'a', of)).toEqual(['a', 'c', 'e']);
	expect(wayTo(new Set(['x']), 'a', of)).toBeUndefined();
});
