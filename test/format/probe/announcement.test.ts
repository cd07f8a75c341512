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

test('what a probe will cost is the same for all, and how often it can look is said for as many threads as there are', () => {
	for (const threads of [45, 500, 2000, 10_000]) {
		expect(announced(threads)).toContain('at most 10% of one CPU');
		expect(announced(threads)).toContain('20 to 100 times a second');
	}

	expect(announced(45)).not.toContain('measured');
	expect(announced(500)).toContain('about 5 a second (measured)');
	expect(announced(2000)).toContain('about 0.6 a second (measured)');
	expect(announced(2000)).not.toContain('once takes');
	expect(announced(10_000)).toContain('about 0.1 a second (measured)');
	expect(announced(10_000)).toContain('takes about 17 s (measured), and 20 s at most');
});
