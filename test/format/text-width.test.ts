import stringWidth from 'string-width';
import {expect, test} from 'vitest';
import {
	displayWidth,
	fitEnd,
	fitStart,
	toAscii,
	truncate,
	truncateWithMark,
} from '../../source/format/text-width.js';

test('wide characters take two columns', () => {
	expect(displayWidth('日本')).toBe(4);
	expect(displayWidth('e\u{301}')).toBe(1);
});

test('a wide character is never cut in halves', () => {
	expect(truncate('日本語', 5)).toBe('日本');
	expect(fitStart('日本語', 5)).toBe('日本 ');
	expect(fitEnd('日本語', 5)).toBe(' 日本');
});

test('what fits is not touched', () => {
	expect(truncate('abc', 3)).toBe('abc');
	expect(truncate('abc', Number.POSITIVE_INFINITY)).toBe('abc');
	expect(truncateWithMark('abc', 3)).toBe('abc');
});

test('what is cut says so where that is asked for', () => {
	expect(truncateWithMark('futex_do_wait', 8)).toBe('futex_d~');
	expect(truncateWithMark('abc', 0)).toBe('');
});

test('no width gives no text', () => {
	expect(truncate('abc', 0)).toBe('');
	expect(truncate('abc', -1)).toBe('');
});

test('a text in ASCII is as wide as it was', () => {
	expect(toAscii('a日é')).toBe('a???');
});

test('the characters of this program’s own screens are as wide as Unicode’s tables say', () => {
	for (const character of 'µ×·–’“”…→─│├└▁▂▃▄▅▆▇█▲▼') {
		expect(`${character} ${displayWidth(character)}`).toBe(
			`${character} ${stringWidth(character)}`,
		);
		expect(displayWidth(`日${character}`)).toBe(3);
	}
});
