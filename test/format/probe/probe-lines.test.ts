import {expect, test} from 'vitest';
import {callLines} from '../../../source/format/probe/call-lines.js';
import {probeLines, probeText} from '../../../source/format/probe/probe-lines.js';
import {displayWidth} from '../../../source/format/text-width.js';
import {sampleProbe} from './sample-probe.js';

const texts = (width: number): readonly string[] =>
	probeLines(sampleProbe, width).map(({text}) => text);

test('the table of calls is that of strace -c, with what it can not tell beside it', () => {
	expect(callLines(sampleProbe, 100).map(({text}) => text)).toEqual(
		[
			'System calls, sampled: where threads slept, as in strace -c -w -f',
			'% time  seconds  wakes/s threads   limit  syscall',
			' 80.00   16.000      320      20   50 ms  poll',
			' 20.00    4.000       87       8       -  futex  mostly mutex app!queue_lock',
			'100.00   20.000                           total; wakes are voluntary switches, split by what threads were se~',
		].map(text => (text.length > 100 ? `${text.slice(0, 99)}~` : text)),
	);
});

test('says whose it is, how it was made and what is to be known about it', () => {
	const all = texts(120).join('\n');
	expect(all).toContain('Probe of gunicorn (pid 4711): 28 threads, 5.0 s');
	expect(all).toContain('note: it ran another program');
	expect(all).toContain('mutex app!queue_lock: 4.0 threads waiting on average');
	expect(all).toContain('20 threads worker [10, 11, 12, 13, 14, 15...]: poll, at most 50 ms');
	expect(all).toContain('#0  poll+0x4f');
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
