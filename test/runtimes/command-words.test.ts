import {describe, expect, test} from 'vitest';
import {findNumberOption, findProgram} from '../../source/runtimes/command-words.js';

describe('findProgram', () => {
	test('the program stands behind the interpreter and its options', () => {
		expect(
			findProgram(['/usr/bin/python3', '-X', 'dev', '-u', '/srv/bin/gunicorn', 'a:b']),
		).toEqual({
			interpreter: '/usr/bin/python3',
			program: 'gunicorn',
			arguments: ['a:b'],
		});
	});

	test('a module is a program', () => {
		expect(findProgram(['python3.11', '-m', 'uvicorn', 'app:app']).program).toBe('uvicorn');
	});

	test('code on the command line is not', () => {
		expect(findProgram(['python3', '-c', 'gunicorn']).program).toBe('');
	});

	test('a program that is run directly has no interpreter', () => {
		expect(findProgram(['/usr/sbin/nginx', '-g', 'daemon off;'])).toEqual({
			program: 'nginx',
			arguments: ['-g', 'daemon off;'],
		});
	});

	test('an empty or cut command line is no error', () => {
		expect(findProgram([]).program).toBe('');
		expect(findProgram(['python3', '-m']).program).toBe('');
		expect(findProgram(['python3', '-X']).program).toBe('');
	});
});

describe('findNumberOption', () => {
	test.each([
		[['-w', '40'], '-w 40'],
		[['-w40'], '-w40'],
		[['--workers', '40'], '--workers 40'],
		[['--workers=40'], '--workers=40'],
		[['-w=40'], '-w=40'],
	])('%j is read as written', (words, written) => {
		expect(findNumberOption(words, ['-w', '--workers'])).toEqual({value: 40, written});
	});

	test('the last one counts, as it does for the program', () => {
		expect(findNumberOption(['-w', '2', '--workers=8'], ['-w', '--workers'])?.value).toBe(8);
	});

	test.each([
		[['-w', 'many']],
		[['-w']],
		[['--workers40']],
		[['-wx4']],
		[['-w', '4e9']],
		[['-worker4']],
	])('%j is no number', words => {
		expect(findNumberOption(words, ['-w', '--workers'])).toBeUndefined();
	});
});
