import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {createCgroupQuotas} from '../../source/sampler/cgroup-quota.js';
import type {Target} from '../../source/targets/target.js';

let root: string;
let target: Target;

beforeEach(() => {
	root = mkdtempSync(path.join(tmpdir(), 'ctop-cgroup-'));
	target = {
		procRoot: path.join(root, 'proc'),
		cgroupRoot: path.join(root, 'cgroup'),
		ownKernel: true,
		passwdFile: '/etc/passwd',
	};
});

afterEach(() => rmSync(root, {recursive: true}));

const write = (file: string, text: string): void => {
	mkdirSync(path.dirname(path.join(root, file)), {recursive: true});
	writeFileSync(path.join(root, file), text);
};

test('with cgroup v2 the smallest quota of all levels counts', () => {
	write('proc/100/cgroup', '0::/pod/web\n');
	write('cgroup/pod/web/cpu.max', '300000 100000\n');
	write('cgroup/pod/cpu.max', '150000 100000\n');
	expect(createCgroupQuotas(target).quotaOf(100, '/pod/web')).toBe(150);
});

test('with cgroup v1 the files of the CPU controller count', () => {
	write('proc/100/cgroup', '4:cpu,cpuacct:/docker/4f2a\n0::/\n');
	write('cgroup/cpu/docker/4f2a/cpu.cfs_quota_us', '50000\n');
	write('cgroup/cpu/docker/4f2a/cpu.cfs_period_us', '100000\n');
	write('cgroup/cpu/docker/cpu.cfs_quota_us', '-1\n');
	write('cgroup/cpu/docker/cpu.cfs_period_us', '100000\n');
	expect(createCgroupQuotas(target).quotaOf(100, '/docker/4f2a')).toBe(50);
});

test('no limit, no files and no cgroups are all no quota', () => {
	write('proc/100/cgroup', '0::/free\n');
	write('cgroup/free/cpu.max', 'max 100000\n');
	write('proc/200/cgroup', '0::/gone\n');
	const quotas = createCgroupQuotas(target);
	expect(quotas.quotaOf(100, '/free')).toBeUndefined();
	expect(quotas.quotaOf(200, '/gone')).toBeUndefined();
	expect(quotas.quotaOf(300, '/nobody')).toBeUndefined();
	const {cgroupRoot: _, ...elsewhere} = target;
	expect(createCgroupQuotas(elsewhere).quotaOf(100, '/free')).toBeUndefined();
});

test('a quota is read again when it has become old', () => {
	write('proc/100/cgroup', '0::/web\n');
	write('cgroup/web/cpu.max', '100000 100000\n');
	const [kept, fresh] = [createCgroupQuotas(target), createCgroupQuotas(target, 0)];
	expect([kept, fresh].map(quotas => quotas.quotaOf(100, '/web'))).toEqual([100, 100]);
	write('cgroup/web/cpu.max', '200000 100000\n');
	expect([kept, fresh].map(quotas => quotas.quotaOf(100, '/web'))).toEqual([100, 200]);
});
