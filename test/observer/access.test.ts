import {expect, test} from 'vitest';
import {describeAccess} from '../../source/observer/access.js';
import {publishProcess} from '../../source/sampler/publish.js';
import {
	createProcessEntry,
	createThreadEntry,
	type ProcessEntry,
} from '../../source/sampler/task-entry.js';

const processOf = (pid: number, threads: number, overrides: Partial<ProcessEntry> = {}) => {
	const process = {...createProcessEntry(pid), ...overrides};
	for (let tid = pid; tid < pid + threads; tid++) {
		const waitChannel = process.waitsRefused ? null : 'futex_do_wait';
		process.threads.set(tid, {...createThreadEntry(process, tid), waitChannel});
	}

	publishProcess(process, {bootTimeSeconds: 0, userName: () => undefined});
	return process;
};

const self = processOf(10, 5);
const own = processOf(100, 2);
const foreign = processOf(200, 3, {waitsRefused: true});

test('one who may trace others sees all, though single processes refuse', () => {
	expect(describeAccess([self, own, foreign], 10, true)).toEqual({
		level: 'full',
		refused: {syscall: 3, wchan: 3},
	});
});

test('where nothing was refused all was seen', () => {
	expect(describeAccess([self, own], 10, false)).toEqual({level: 'full', refused: {}});
});

test('an ordinary user sees its own processes', () => {
	expect(describeAccess([self, own, foreign], 10, false).level).toBe('own');
});

test('who sees into no process but this one sees what is open to everybody', () => {
	expect(describeAccess([self, foreign], 10, false).level).toBe('open');
});

test('threads count for files of threads, processes for files of processes', () => {
	const hidden = processOf(300, 4, {waitsRefused: true, commandLine: null});
	expect(describeAccess([self, hidden], 10, false).refused).toEqual({
		syscall: 4,
		wchan: 4,
		cmdline: 1,
	});
});
