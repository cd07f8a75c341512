import {expect, test} from 'vitest';
import {probeAnnouncement} from '../../../source/format/probe/progress.js';

const announced = (threads: number): string =>
	probeAnnouncement({
		pid: 7,
		name: 'shop',
		threads,
		seconds: 5,
		perf: false,
		strace: false,
	}).join(' ');

test('what a probe may cost and how often it can look is said for as many threads as there are', () => {
	for (const threads of [45, 500, 2000, 3000, 10_000]) {
		expect(announced(threads)).toContain('at most 10% of one CPU');
		expect(announced(threads)).toContain('20 to 100 times a second');
	}

	expect(announced(45)).not.toContain('60%');
	expect(announced(500)).toContain('up to 60%');
	expect(announced(500)).not.toContain('measured');
	expect(announced(2000)).not.toContain('measured');
	expect(announced(3000)).toContain('no more than about 2000 (measured), about 13 a second if all');
	expect(announced(3000)).not.toContain('once takes');
	expect(announced(10_000)).toContain('about 4 a second if all do');
	expect(announced(10_000)).toContain('takes about 14 s (measured), and 20 s at most');
});
