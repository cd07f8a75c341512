import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterAll, expect, test} from 'vitest';
import {createCgroupThrottling} from '../../source/sampler/cgroup-throttling.js';

const folder = mkdtempSync(path.join(tmpdir(), 'ctop-throttling-'));
afterAll(() => rmSync(folder, {recursive: true}));

const target = {
	procRoot: path.join(folder, 'proc'),
	ownKernel: true,
	cgroupRoot: path.join(folder, 'cgroup'),
	passwdFile: '/dev/null',
};

const write = (file: string, text: string): void => {
	mkdirSync(path.dirname(path.join(folder, file)), {recursive: true});
	writeFileSync(path.join(folder, file), text);
};

const setStat = (cgroup: string, periods: number, throttled: number): void =>
	write(
		`cgroup/${cgroup}/cpu.stat`,
		`nr_periods ${periods}\nnr_throttled ${throttled}\nthrottled_usec ${throttled * 50_000}\n`,
	);

test('of nested cgroups the one that is stopped most is told, between two sweeps', () => {
	write('proc/7/cgroup', '0::/pod/app\n');
	write('cgroup/pod/cpu.max', '50000 100000\n');
	write('cgroup/pod/app/cpu.max', '200000 100000\n');
	setStat('pod', 100, 10);
	setStat('pod/app', 100, 90);
	const throttling = createCgroupThrottling(target);
	throttling.nextSweep();
	expect(throttling.of(7, '/pod/app')).toBeUndefined();
	setStat('pod', 120, 25);
	setStat('pod/app', 120, 90);
	throttling.nextSweep();
	const now = throttling.of(7, '/pod/app');
	expect(now).toMatchObject({cgroup: '/pod', quotaPercent: 50, throttledPeriodsPercent: 75});
	expect(now?.throttledPercent).toBeGreaterThan(0);
	// Within one sweep the counters are read once.
	setStat('pod', 140, 45);
	expect(throttling.of(7, '/pod/app')).toBe(now);
	throttling.nextSweep();
	throttling.nextSweep();
	expect(throttling.of(7, '/pod/app')).toBeUndefined();
});

test('without a quota or its counters there is nothing to tell', () => {
	write('proc/8/cgroup', '0::/free\n');
	write('cgroup/free/cpu.max', 'max 100000\n');
	const throttling = createCgroupThrottling(target);
	for (let sweep = 0; sweep < 2; sweep++) {
		throttling.nextSweep();
		expect(throttling.of(8, '/free')).toBeUndefined();
		expect(throttling.of(9, '/gone')).toBeUndefined();
	}
});
