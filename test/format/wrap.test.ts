import {expect, test} from 'vitest';
import {displayWidth} from '../../source/format/text-width.js';
import {wrapWords} from '../../source/format/wrap.js';

test('lines are broken between words', () => {
	expect(wrapWords('hand one lock around', 9)).toEqual(['hand one', 'lock', 'around']);
});

test('a word that is wider than the line is broken inside', () => {
	expect(wrapWords('see /proc/2100/task/2101 now', 8)).toEqual([
		'see',
		'/proc/21',
		'00/task/',
		'2101 now',
	]);
});

test('later lines are indented, and the indent counts', () => {
	expect(wrapWords('one two three', 7, '  ')).toEqual(['one two', '  three']);
});

test('no line is wider than asked, whatever the words', () => {
	for (let width = 2; width < 30; width++) {
		for (const line of wrapWords(
			'日本語 a reasonably-long-option --with=日本語日本語 values',
			width,
		)) {
			expect(displayWidth(line)).toBeLessThanOrEqual(width);
		}
	}
});

test('an empty text is one empty line', () => {
	expect(wrapWords('', 10)).toEqual(['']);
});

test('a width too narrow for anything ends all the same', () => {
	expect(wrapWords('日本', 1)).toEqual(['日', '本']);
});
