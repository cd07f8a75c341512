import {readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {
	countCpuList,
	createTaskStatus,
	parseCaughtSignals,
	parseProcessStatus,
	parseTaskStatus,
	unescapeName,
} from '../../source/procfs/status.js';

const statusOf = (name: string, more = '') => `Name:\t${name}
Umask:\t0022
State:\tD (disk sleep)
Tgid:\t4242
Ngid:\t0
Pid:\t4243
PPid:\t1
TracerPid:\t0
Uid:\t1000\t33\t1000\t1000
Gid:\t1000\t1000\t1000\t1000
NSpid:\t4243\t17
VmLck:\t      64 kB
Threads:\t7
Cpus_allowed:\tf0f
Cpus_allowed_list:\t0-3,8-11
voluntary_ctxt_switches:\t150
nonvoluntary_ctxt_switches:\t545
${more}`;

const parse = (text: string) => {
	const status = createTaskStatus();
	const bytes = Buffer.from(text);
	return parseTaskStatus(bytes, bytes.length, status) ? {...status, bytes} : undefined;
};

const nameOf = (text: string): string | undefined => {
	const status = parse(text);
	return status && unescapeName(status.bytes.toString('utf8', status.nameStart, status.nameEnd));
};

test('state and both switches are read', () => {
	expect(parse(statusOf('worker'))).toMatchObject({
		state: 'D'.charCodeAt(0),
		voluntarySwitches: 150,
		involuntarySwitches: 545,
	});
});

test('lines behind the switches, as some architectures add them, change nothing', () => {
	const more = `${'x86_Thread_features:\tshstk\n'.repeat(20)}`;
	expect(parse(statusOf('worker', more))).toMatchObject({
		voluntarySwitches: 150,
		involuntarySwitches: 545,
	});
});

for (const [escaped, name] of [
	['plain', 'plain'],
	['two\\nlines', 'two\nlines'],
	['back\\\\slash', 'back\\slash'],
	['both\\\\\\n', 'both\\\n'],
	['no\\\\new', 'no\\new'],
	['', ''],
	['\u001B[31m', '\u001B[31m'],
	['State:\tR', 'State:\tR'],
] as const) {
	test(`a name written as ${JSON.stringify(escaped)} is ${JSON.stringify(name)}`, () => {
		expect(nameOf(statusOf(escaped))).toBe(name);
	});
}

test('a name can’t fake the state or the switches', () => {
	const name = '\\nState:\tR (running)\\nvoluntary_ctxt_switches:\t9';
	expect(parse(statusOf(name))).toMatchObject({
		state: 'D'.charCodeAt(0),
		voluntarySwitches: 150,
		involuntarySwitches: 545,
	});
});

test('a file that was cut off, or of a kernel without the switches, is none', () => {
	expect(parse('')).toBeUndefined();
	expect(parse('Name:\tworker\n')).toBeUndefined();
	expect(parse(statusOf('worker').split('voluntary')[0]!)).toBeUndefined();
	expect(parse(statusOf('worker').split('nonvoluntary')[0]!)).toBeUndefined();
});

test('only what was read counts, not what the buffer held before', () => {
	const bytes = Buffer.from(statusOf('worker'));
	expect(parseTaskStatus(bytes, 40, createTaskStatus())).toBe(false);
});

test('what describes the process is read from the same file', () => {
	expect(parseProcessStatus(statusOf('Tgid:\t1'))).toEqual({
		threadGroup: 4242,
		userId: 33,
		lockedBytes: 64 * 1024,
		cpusAllowed: 8,
		namespacePids: [4243, 17],
	});
});

test('keys that a kernel thread or an old kernel lacks are missing, not zero', () => {
	expect(parseProcessStatus('Name:\tkthreadd\nTgid:\t2\n')).toEqual({
		threadGroup: 2,
		namespacePids: [],
	});
});

test('lists of CPUs are counted', () => {
	expect(['0', '0-3', '0-3,8', '0,2,4-5\n', ''].map(countCpuList)).toEqual([1, 4, 5, 4, 0]);
});

test('this thread’s own file is understood', () => {
	const bytes = readFileSync('/proc/thread-self/status');
	const status = createTaskStatus();
	expect(parseTaskStatus(bytes, bytes.length, status)).toBe(true);
	expect(String.fromCharCode(status.state)).toBe('R');
	expect(status.voluntarySwitches + status.involuntarySwitches).toBeGreaterThan(0);
});

test('signals that have handlers are told by their numbers', () => {
	expect([
		...parseCaughtSignals('SigIgn:\t0000000001001000\nSigCgt:\t0000000100004602\n')!,
	]).toEqual([2, 10, 11, 15, 33]);
	expect(parseCaughtSignals('Name:\tx\n')).toBeUndefined();
});
