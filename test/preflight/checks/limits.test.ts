import {expect, it} from 'vitest';
import {checkLimits} from '../../../source/preflight/checks/limits.js';
import {
	kernelReading,
	noCgroup,
	processesReading,
	processReading,
} from '../../helpers/preflight-readings.js';

const limits = {
	fileHandles: {allocated: 100, free: 0, maximum: 10_000},
	maximumThreads: 10_000,
	maximumPid: 4000,
};
const none = processesReading();

it('holds threads against the smaller of threads-max and pid_max', () => {
	const load = {averages: [0, 0, 0] as const, runnable: 1, threads: 3900, lastPid: 1};
	const check = checkLimits(limits, kernelReading({load}), noCgroup, none);
	expect(check).toMatchObject({
		verdict: 'bad',
		summary: expect.stringContaining('threads of the machine: 3,900 of 4,000 (98 %)'),
	});
});

it('names the processes that are nearest to their limit, the nearest first', () => {
	const check = checkLimits(
		limits,
		kernelReading(),
		noCgroup,
		processesReading({
			processes: [
				processReading({pid: 1, name: 'idle', openFiles: 5}),
				processReading({pid: 2, name: 'leaky', openFiles: 900}),
				processReading({pid: 3, name: 'free', openFiles: 9000, limits: {openFiles: Infinity}}),
				processReading({pid: 4, name: 'hidden', openFiles: null}),
			],
			refused: 1,
		}),
	);
	expect(check.verdict).toBe('watch');
	expect(check.summary).toContain('open files of leaky (2): 900 of 1,024 (88 %)');
	expect(check.details).toEqual([
		'leaky (2)  900 of 1,024 descriptors  1 threads',
		'idle (1)   5 of 1,024 descriptors    1 threads',
	]);
	expect(check.reason).toContain('1 process of other users were refused');
});

it("counts a user's threads together, root's excepted", () => {
	const processes = [
		processReading({pid: 1, userId: 1000, threads: 60, limits: {processes: 100}}),
		processReading({pid: 2, userId: 1000, threads: 38, limits: {processes: 100}}),
		processReading({pid: 3, userId: 0, threads: 500, limits: {processes: 100}}),
	];
	const check = checkLimits(limits, kernelReading(), noCgroup, processesReading({processes}));
	expect(check.summary).toContain('threads of user 1000: 98 of 100 (98 %)');
});

it("holds the cgroup's threads against pids.max", () => {
	const pids = {used: 85, maximum: 100, directory: '/sys/fs/cgroup/pids/x'};
	expect(checkLimits(limits, kernelReading(), {pids}, none)).toMatchObject({
		verdict: 'watch',
		summary: expect.stringContaining('threads of the cgroup: 85 of 100'),
	});
});

it('is unknown where a limit of the machine was refused', () => {
	expect(
		checkLimits({...limits, fileHandles: null}, kernelReading(), noCgroup, none),
	).toMatchObject({
		verdict: 'unknown',
		reason: '/proc/sys/fs/file-nr could not be read',
	});
});
