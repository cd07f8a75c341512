import {expect, test} from 'vitest';
import {parseCommandLine} from '../../source/procfs/command-line.js';

const parse = (text: string) => parseCommandLine(Buffer.from(text, 'latin1'));

test('arguments end with a NUL and may be empty between others', () => {
	expect(parse('python3\0-c\0\0x = 1\n\0')).toEqual(['python3', '-c', '', 'x = 1\n']);
});

test('kernel threads and zombies have none', () => {
	expect(parse('')).toEqual([]);
});

test('a title that a process wrote over its arguments is one word, without what is left of them', () => {
	expect(parse('nginx: worker process\0\0\0\0\0\0\0\0')).toEqual(['nginx: worker process']);
	expect(parse('postgres: walwriter ')).toEqual(['postgres: walwriter ']);
	expect(parse('\0\0\0')).toEqual([]);
});

test('bytes that are no UTF-8 become replacement characters, escape sequences stay as they are', () => {
	expect(parse('a\xff\0\x1b[31m\0')).toEqual(['a\uFFFD', '\u001B[31m']);
});
