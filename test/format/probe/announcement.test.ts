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

test('what a probe will cost is said for as many threads as there are', () => {
	expect(announced(45)).toContain('at most about 10% of one CPU');
	expect(announced(2000)).toContain('at most about 20% of one CPU');
	expect(announced(10_000)).toContain('about 20 to 30% of one CPU');
});
