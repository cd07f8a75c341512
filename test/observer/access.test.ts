import {expect, test} from 'vitest';
import {describeAccess, type Rights} from '../../source/observer/access.js';
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

const user: Rights = {tracesOthers: false, isRoot: false, hidesOthers: false};
const self = processOf(10, 5);
const own = processOf(100, 2);
const foreign = processOf(200, 3, {waitsRefused: true});

test('one who may trace others sees all, though single processes refuse', () => {
	expect(describeAccess([self, own, foreign], 10, {...user, tracesOthers: true})).toEqual({
		level: 'full',
		refused: {syscall: 3, wchan: 3},
	});
});

test('where nothing was refused all was seen', () => {
	expect(describeAccess([self, own], 10, user)).toEqual({level: 'full', refused: {}});
});

test('an ordinary user sees its own processes', () => {
	expect(describeAccess([self, own, foreign], 10, user).level).toBe('own');
});

test('who sees into no process but this one sees what is open to everybody', () => {
	expect(describeAccess([self, foreign], 10, user).level).toBe('open');
});

test('threads count for files of threads, processes for files of processes', () => {
	const hidden = processOf(300, 4, {waitsRefused: true, commandLine: null});
	expect(describeAccess([self, hidden], 10, user).refused).toEqual({
		syscall: 4,
		wchan: 4,
		cmdline: 1,
	});
});

test('what one step would show more is told by what stands in the way', () => {
	const stepOf = (processes: readonly ProcessEntry[], rights: Partial<Rights>) =>
		describeAccess(processes, 10, {...user, ...rights}).nextStep;
	expect(stepOf([self, own, foreign], {})).toMatch(/^run ctop as root/);
	// Its own processes refuse too: that is Yama's doing.
	expect(stepOf([self, foreign], {ptraceScope: 1})).toMatch(
		/^sudo sysctl kernel.yama.ptrace_scope=0/,
	);
	expect(stepOf([self, own, foreign], {ptraceScope: 1})).toMatch(/^run ctop as root/);
	expect(stepOf([self, foreign], {ptraceScope: 2})).toMatch(/^run ctop as root/);
	expect(stepOf([self, foreign], {ptraceScope: 3, isRoot: true})).toMatch(/^none until/);
	expect(stepOf([self, foreign], {isRoot: true})).toMatch(/CAP_SYS_PTRACE/);
	expect(stepOf([self, own], {})).toBeUndefined();
});

test('where other users’ processes are not even listed, not all was seen', () => {
	const access = describeAccess([self, own], 10, {...user, hidesOthers: true});
	expect(access).toEqual({
		level: 'own',
		refused: {},
		nextStep: expect.stringMatching(/^run ctop as root/),
	});
});
