import {expect, test} from 'vitest';
import {processCommand, threadName} from '../../source/format/command.js';
import {makeProcess, makeThread} from '../helpers/snapshot.js';

test('arguments are joined by a space, as ps does', () => {
	expect(processCommand(makeProcess({commandLine: ['/sbin/init', '', 'splash']}))).toBe(
		'/sbin/init  splash',
	);
});

test('a kernel thread, or an empty command line, is its name in brackets', () => {
	expect(processCommand(makeProcess({name: 'kthreadd', commandLine: []}))).toBe('[kthreadd]');
	expect(processCommand(makeProcess({name: 'early', commandLine: undefined}))).toBe('[early]');
});

test('a zombie is defunct even when its command line could still be read', () => {
	expect(processCommand(makeProcess({name: 'sh', state: 'Z', commandLine: []}))).toBe(
		'[sh] <defunct>',
	);
});

test('a refused command line is not taken for an empty one', () => {
	expect(processCommand(makeProcess({name: 'secret', commandLine: null}))).toBe('secret ?');
});

test('what a process calls itself cannot reach the terminal', () => {
	const hostile = makeProcess({name: 'x\u{1B}[2J', commandLine: ['a\u{1B}[31m', 'b\nc']});
	expect(processCommand(hostile)).toBe('a?[31m b?c');
	expect(threadName(makeThread({name: '\u{9B}2J)\n'}))).toBe('{?2J)?}');
});
