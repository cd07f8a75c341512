import {expect, test} from 'vitest';
import {callLines} from '../../../source/format/probe/call-lines.js';
import {probeLines, probeText} from '../../../source/format/probe/probe-lines.js';
import {timelineLines} from '../../../source/format/probe/timeline-lines.js';
import {displayWidth} from '../../../source/format/text-width.js';
import {sampleProbe} from './sample-probe.js';

const texts = (width: number): readonly string[] =>
	probeLines(sampleProbe, width).map(({text}) => text);

test('the table of calls is that of strace -c, with what it can not tell beside it', () => {
	expect(callLines(sampleProbe, 100).map(({text}) => text)).toEqual([
		'System calls, sampled: where threads slept, as in strace -c -w -f',
		'% time  seconds  wakes/s threads   limit  syscall',
		' 80.00   16.000      320      20   50 ms  poll',
		' 20.00    4.000       87       8       -  futex  mostly mutex app!queue_lock',
		'100.00   20.000                           total',
		'wakes: voluntary switches, split by what threads were seen in',
	]);
	const [call] = sampleProbe.calls;
	const narrow = callLines(
		{...sampleProbe, calls: [{...call!, mostlyIn: 'poll (zoo/polling-threads.py:26)'}]},
		80,
	).map(({text}) => text);
	expect(narrow.slice(2, 4)).toEqual([
		' 80.00   16.000      320      20   50 ms  poll',
		'        in poll (zoo/polling-threads.py:26)',
	]);
});

test('says whose it is, how it was made and what is to be known about it', () => {
	const all = texts(120).join('\n');
	expect(all).toContain('Probe of gunicorn (pid 4711): 28 threads, 5.0 s');
	expect(all).toContain('note: it ran another program');
	expect(all).toContain('mutex app!queue_lock: 4.0 threads waiting on average');
	expect(all).toContain('20 threads worker: poll, at most 50 ms [10, 11, 12, 13, 14, 15...]');
	expect(all).toContain('#0  poll+0x4f');
});

test('threads that share a line of the timeline are counted', () => {
	const lines = timelineLines(
		{
			...sampleProbe,
			timeline: {
				secondsPerColumn: 1,
				threadsLeftOut: 0,
				threads: [{tid: 10, name: 'a-long-name-of-workers', states: 'ppR', alike: 9999}],
			},
		},
		80,
	);
	expect(lines.at(-1)?.text).toMatch(/^ +10 a-long-n\S* +x10000 ppR$/);
});

test('tells how much of the sleep is for locks, and how much of the CPU time the GIL takes', () => {
	expect(texts(120).join('\n')).toContain('of the time asleep: for locks 20%');
	const lines = probeLines(
		{
			...sampleProbe,
			offCpu: {
				frames: [
					{name: 'work', kind: 'application'},
					{name: 'GIL', kind: 'gil'},
					{name: 'mutex m', kind: 'lock'},
					{name: 'pthread_cond_wait', kind: 'lock'},
					{name: 'condition c', kind: 'wait'},
				],
				stacks: [
					{frames: [0, 1], milliseconds: 60},
					{frames: [0, 2], milliseconds: 10},
					{frames: [0, 3, 4], milliseconds: 30},
				],
			},
			onCpu: {
				source: 'perf',
				samples: 100,
				symbols: [],
				graph: {
					frames: [
						{name: 'fetch (app.py:12)', kind: 'application'},
						{name: 'take_gil', kind: 'gil'},
						{name: 'futex_wait', kind: 'kernel'},
						{name: '_PyEval_EvalFrameDefault', kind: 'interpreter'},
						{name: 'pthread_mutex_lock', kind: 'lock'},
					],
					stacks: [
						{frames: [0, 1, 2], milliseconds: 50},
						{frames: [0, 3], milliseconds: 30},
						{frames: [0, 4], milliseconds: 15},
						{frames: [0], milliseconds: 5},
					],
				},
			},
		},
		200,
	).map(({text}) => text);
	expect(lines).toContain('of the time asleep: for the GIL 60%, for other locks 10%');
	expect(lines).toContain(
		'of the CPU time: the GIL 50%, other locks 15%, interpreter 30%, application 5.0%',
	);
});

test.each([40, 80, 120, 200])('no line is wider than %i columns', width => {
	for (const text of texts(width)) {
		expect(displayWidth(text)).toBeLessThanOrEqual(width);
	}
});

test('names that come from outside can not reach the terminal as commands', () => {
	const evil = 'x\u{1B}]0;owned\u{7}';
	const text = probeText(
		{
			...sampleProbe,
			name: evil,
			notes: [evil],
			stacks: [
				{
					tids: [1],
					threadCount: 1,
					names: [evil],
					wait: {kind: 'other', call: evil},
					stack: [evil],
				},
			],
			calls: [{...sampleProbe.calls[0]!, call: evil, mostly: evil}],
			locks: [{...sampleProbe.locks[0]!, name: evil, wantedIn: evil}],
			timeline: {
				secondsPerColumn: 1,
				threadsLeftOut: 0,
				threads: [{tid: 1, name: evil, states: 'RR'}],
			},
		},
		200,
	);
	expect(text).not.toContain('\u{1B}');
	expect(text).not.toContain('\u{7}');
	expect(text).toContain('x?]0;owned?');
});
