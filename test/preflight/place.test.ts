import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterEach, expect, it} from 'vitest';
import {findPlace} from '../../source/preflight/place.js';
import {readCgroup} from '../../source/preflight/readers/cgroup.js';
import {findController} from '../../source/preflight/readers/cgroup-directories.js';
import {watchPreflight} from '../../source/preflight/watch.js';
import {parseMountinfo} from '../../source/procfs/mountinfo.js';

const directory = mkdtempSync(path.join(tmpdir(), 'ctop-place-'));

afterEach(() => {
	rmSync(directory, {recursive: true, force: true});
});

const write = (name: string, text: string): void => {
	const file = path.join(directory, name);
	mkdirSync(path.dirname(file), {recursive: true});
	writeFileSync(file, text);
};

it('looks at another /proc through its first process, with the /sys beside it', () => {
	expect(findPlace('/proc')).toMatchObject({
		own: true,
		sysRoot: '/sys',
		viewpoint: '/proc/self',
		rootPrefix: '',
	});
	mkdirSync(path.join(directory, 'sys'), {recursive: true});
	expect(findPlace(path.join(directory, 'proc'))).toMatchObject({
		own: false,
		sysRoot: path.join(directory, 'sys'),
		viewpoint: path.join(directory, 'proc/1'),
		rootPrefix: path.join(directory, 'proc/1/root'),
	});
});

it('does not complete a recorded /proc with what this machine has', async () => {
	write('proc/1/mountinfo', '1 0 8:1 / / rw - ext4 /dev/sda1 rw\n');
	write(
		'proc/stat',
		'cpu  1 0 1 100 0 0 0 0 0 0\ncpu0 1 0 1 100 0 0 0 0 0 0\nctxt 1\nprocs_running 1\n',
	);
	for await (const {checks} of watchPreflight({
		procRoot: path.join(directory, 'proc'),
		forSeconds: 0.1,
	})) {
		const byId = Object.fromEntries(checks.map(check => [check.id, check]));
		expect(byId['disks']).toMatchObject({verdict: 'unknown', reason: '/ (ext4): statfs: ENOENT'});
		expect(byId['memory']).toMatchObject({
			verdict: 'unknown',
			reason: '/proc/meminfo is not there',
		});
		expect(byId['sockets']?.verdict).toBe('unknown');
		expect(byId['load']?.verdict).toBe('unknown');
		expect(byId['machine']).toMatchObject({verdict: 'unknown'});
		expect(byId['machine']?.measurements.find(({what}) => what === 'clock source')?.value).toBe(
			undefined,
		);
		expect(byId['machine']?.measurements.find(({what}) => what === 'hypervisor')?.value).toBe(
			undefined,
		);
	}
});

it('finds the limits of cgroup v2, and the tightest of those above', () => {
	const mounts = parseMountinfo('1 0 0:30 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n');
	const place = {
		...findPlace('/proc'),
		viewpoint: path.join(directory, 'me'),
		rootPrefix: directory,
	};
	write('me/cgroup', '0::/pod/app\n');
	write('sys/fs/cgroup/pod/app/cpu.max', 'max 100000\n');
	write('sys/fs/cgroup/pod/cpu.max', '150000 100000\n');
	write('sys/fs/cgroup/pod/cpu.stat', 'usage_usec 5\nnr_periods 40\nnr_throttled 8\n');
	write('sys/fs/cgroup/pod/app/memory.max', 'max\n');
	write('sys/fs/cgroup/pod/memory.max', '1000\n');
	write('sys/fs/cgroup/pod/memory.current', '900\n');
	write('sys/fs/cgroup/pod/memory.stat', 'anon 1\ninactive_file 300\n');
	write('sys/fs/cgroup/pod/app/memory.events', 'oom 3\noom_kill 2\n');
	write('sys/fs/cgroup/pod/app/pids.max', '50\n');
	write('sys/fs/cgroup/pod/app/pids.current', '40\n');
	expect(readCgroup(place, mounts)).toMatchObject({
		cpuQuotaPercent: 150,
		cpuPeriods: {all: 40, throttled: 8},
		memory: {used: 600, maximum: 1000},
		oomKills: 2,
		pids: {used: 40, maximum: 50},
	});
});

it('finds the limits of cgroup v1 by its controllers, inside a container too', () => {
	const mounts = parseMountinfo(
		'1 0 0:30 /docker /cg/cpu rw - cgroup cgroup rw,cpu,cpuacct\n2 0 0:31 /docker/x /cg/pids rw - cgroup cgroup rw,pids\n',
	);
	const place = {
		...findPlace('/proc'),
		viewpoint: path.join(directory, 'me'),
		rootPrefix: directory,
	};
	const text = '4:cpu,cpuacct:/docker/x\n3:pids:/docker/x\n0::/\n';
	write('me/cgroup', text);
	write('cg/cpu/x/cpu.cfs_quota_us', '50000\n');
	write('cg/cpu/x/cpu.cfs_period_us', '100000\n');
	expect(findController(place, mounts, text, 'cpu')).toEqual({
		version: 1,
		directories: [path.join(directory, 'cg/cpu/x'), path.join(directory, 'cg/cpu/')],
	});
	expect(readCgroup(place, mounts)).toMatchObject({cpuQuotaPercent: 50});
});
