import {expect, test} from 'vitest';
import {printable} from '../../source/format/printable.js';

test.each([
	['an escape sequence', 'a\u{1B}[2Jb', 'a?[2Jb'],
	['a window title', '\u{1B}]0;owned\u{7}', '?]0;owned?'],
	['a newline and a tab', 'a\nb\tc', 'a?b?c'],
	['a delete', 'a\u{7F}', 'a?'],
	['a C1 control', 'a\u{9B}31m', 'a?31m'],
	['a change of direction', '\u{202E}gpj.exe', '?gpj.exe'],
	['an isolate', 'a\u{2066}b\u{2069}', 'a?b?'],
	['a lone surrogate', 'a\u{D800}b', 'a?b'],
	['a zero-width space', 'a\u{200B}b', 'a?b'],
	['a filler that is shown as nothing', 'a\u{3164}b', 'a?b'],
	['a line separator', 'a\u{2028}b', 'a?b'],
])('%s becomes visible', (_what, text, shown) => {
	expect(printable(text)).toBe(shown);
});

test('other alphabets stay as they are', () => {
	expect(printable('日本語 naïve Ελλάδα 🚀')).toBe('日本語 naïve Ελλάδα 🚀');
});
