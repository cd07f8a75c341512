import {createMemo} from '../model/memo.js';
import type {Process} from '../model/process.js';
import type {Thread} from '../model/thread.js';
import {printable} from './printable.js';

const build = (process: Process): string => {
	if (process.state === 'Z') {
		return `[${process.name}] <defunct>`;
	}

	if (process.commandLine === null) {
		return `${process.name} ?`;
	}

	if (process.commandLine === undefined || process.commandLine.length === 0) {
		return `[${process.name}]`;
	}

	return process.commandLine.join(' ');
};

const texts = createMemo<Process, string>();

/**
The command as `ps axf` prints it: arguments joined by a space, `[name]` for kernel
threads and for empty command lines, `[name] <defunct>` for zombies; see ps(1), `args`.
A command line that the kernel refused is the name and `?`. Safe to print.
*/
export const processCommand = (process: Process): string => {
	let text = texts.get(process);
	if (text === undefined) {
		text = printable(build(process));
		texts.set(process, text);
	}

	return text;
};

/** A thread's name as pstree(1) shows it: `{name}`. Safe to print. */
export const threadName = (thread: Thread): string => `{${printable(thread.name)}}`;
