import {expect, test} from 'vitest';
import {createScanner, findBytes, scanInteger} from '../../source/procfs/digits.js';

const scan = (text: string, from = 0, end = text.length) => {
	const scanner = createScanner();
	return scanInteger(scanner, Buffer.from(text), from, end) ? {...scanner} : undefined;
};

test('the next integer is read, and where it ends', () => {
	expect(scan('ab 42 43')).toEqual({value: 42, position: 5});
	expect(scan('ab 42 43', 5)).toEqual({value: 43, position: 8});
});

test('a minus in front of it counts', () => {
	expect(scan('20 -5', 2)?.value).toBe(-5);
	expect(scan('-0')?.value).toBeCloseTo(0);
});

test('numbers up to 2^53 are exact', () => {
	expect(scan('9007199254740991')?.value).toBe(Number.MAX_SAFE_INTEGER);
});

test('nothing at or behind the end is read', () => {
	expect(scan('abc')).toBeUndefined();
	expect(scan('')).toBeUndefined();
	expect(scan('12 34', 2, 3)).toBeUndefined();
	expect(scan('1234', 0, 2)).toEqual({value: 12, position: 2});
});

test('bytes are found where they begin, and only before the end', () => {
	const bytes = Buffer.from('aab aaab');
	const find = (pattern: string, from = 0, end = bytes.length) =>
		findBytes(bytes, Buffer.from(pattern), from, end);
	expect(find('aab')).toBe(0);
	expect(find('aab', 1)).toBe(5);
	expect(find('aab', 1, 7)).toBe(-1);
	expect(find('c')).toBe(-1);
	expect(find('aab aaab!')).toBe(-1);
});
