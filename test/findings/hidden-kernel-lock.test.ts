import {expect, test} from 'vitest';
import {createFindingsEngine} from '../../source/findings/engine.js';
import {rules} from '../../source/findings/rules.js';
import type {Process} from '../../source/model/process.js';
import {makeProcess, makeThread} from '../helpers/snapshot.js';
import {snapshotsOf} from './watched.js';

/** Eight threads that run in the kernel, of which so many sleep without interruption at a reading. */
const creating = (blocked: number, systemCpuPercent: number): Process =>
	makeProcess({
		pid: 1000,
		systemCpuPercent,
		threads: Array.from({length: 8}, (_, index) =>
			makeThread({
				tid: 1000 + index,
				state: index < blocked ? 'D' : 'R',
				voluntarySwitchesPerSecond: 32,
				involuntarySwitchesPerSecond: 60,
				cpuPercent: 23,
				runQueueWaitPercent: 55,
				...(index < blocked && {wait: null}),
			}),
		),
	});

const told = (blockedAtEach: readonly number[], systemCpuPercent = 170): readonly string[] => {
	const snapshots = snapshotsOf([creating(0, systemCpuPercent)], {
		seconds: blockedAtEach.length - 1,
	}).map((snapshot, index) => ({
		...snapshot,
		processes: [creating(blockedAtEach[index]!, systemCpuPercent)],
	}));
	return createFindingsEngine(rules)
		.evaluate(snapshots)
		.findings.map(({rule}) => rule);
};

test('threads of another user that are in state D at most readings wait for a lock of the kernel', () => {
	expect(told([2, 3, 0, 2, 3, 0])).toEqual(['kernel-lock']);
});

test('it is none where they hardly ever are, or where the CPU is not spent in the kernel', () => {
	expect(told([0, 0, 1, 0, 0, 0])).not.toContain('kernel-lock');
	expect(told([2, 3, 0, 2, 3, 0], 12)).not.toContain('kernel-lock');
});
