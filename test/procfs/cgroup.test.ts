import {expect, test} from 'vitest';
import {
	parseCgroup,
	parseCpuMax,
	parseCpuStat,
	pathAndAncestors,
	quotaPercent,
} from '../../source/procfs/cgroup.js';

test('with cgroup v2 there is one line', () => {
	expect(parseCgroup('0::/system.slice/nginx.service\n')).toEqual({
		version: 2,
		path: '/system.slice/nginx.service',
	});
});

test('with cgroup v1 the line of the CPU controller counts, wherever it stands', () => {
	const text = '12:cpuset:/a\n4:cpu,cpuacct:/docker/4f2a\n1:name=systemd:/init.scope\n';
	expect(parseCgroup(text)).toEqual({version: 1, path: '/docker/4f2a'});
	expect(parseCgroup('3:cpuacct,cpu:/x\n')).toEqual({version: 1, path: '/x'});
});

test('in a hybrid hierarchy the CPU controller is where v1 has it', () => {
	expect(parseCgroup('4:cpu,cpuacct:/user.slice\n0::/user.slice/session-2.scope\n')).toEqual({
		version: 1,
		path: '/user.slice',
	});
	expect(parseCgroup('0::/user.slice/session-2.scope\n4:cpu,cpuacct:/user.slice\n')).toEqual({
		version: 1,
		path: '/user.slice',
	});
	expect(parseCgroup('1:name=systemd:/a\n0::/b\n')).toEqual({version: 2, path: '/b'});
});

test('cpuset and cpuacct are not the CPU controller', () => {
	expect(parseCgroup('9:cpuset:/a\n8:cpuacct:/b\n')).toBeUndefined();
});

test('a path may hold colons', () => {
	expect(parseCgroup('0::/machine.slice/pod:web:1\n')?.path).toBe('/machine.slice/pod:web:1');
});

test('no line is no cgroup', () => {
	expect(parseCgroup('')).toBeUndefined();
});

test('cpu.max is a quota in a period, or no limit', () => {
	expect(parseCpuMax('150000 100000\n')).toBe(150);
	expect(parseCpuMax('5000 10000\n')).toBe(50);
	expect(parseCpuMax('max 100000\n')).toBeUndefined();
	expect(parseCpuMax('')).toBeUndefined();
	expect(parseCpuMax('100000')).toBeUndefined();
});

test('cgroup v1 says no limit with -1', () => {
	expect(quotaPercent('250000\n', '100000\n')).toBe(250);
	expect(quotaPercent('-1\n', '100000\n')).toBeUndefined();
	expect(quotaPercent('', '')).toBeUndefined();
});

test('a limit may sit on every level above', () => {
	expect(pathAndAncestors('/a/b/c')).toEqual(['/a/b/c', '/a/b', '/a', '/']);
	expect(pathAndAncestors('/')).toEqual(['/']);
});

test('what a quota did is counted in both versions, v1 in nanoseconds', () => {
	const expected = {periods: 40, throttledPeriods: 12, throttledMicroseconds: 2_500_000};
	expect(
		parseCpuStat('usage_usec 7\nnr_periods 40\nnr_throttled 12\nthrottled_usec 2500000\n'),
	).toEqual(expected);
	expect(parseCpuStat('nr_periods 40\nnr_throttled 12\nthrottled_time 2500000000\n')).toEqual(
		expected,
	);
	expect(parseCpuStat('usage_usec 7\nuser_usec 3\n')).toBeUndefined();
});
