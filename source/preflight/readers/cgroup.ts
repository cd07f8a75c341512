import {join} from 'node:path';
import {parseCpuMax, quotaPercent} from '../../procfs/cgroup.js';
import type {Mount} from '../../procfs/mountinfo.js';
import {readText} from '../../procfs/read-text.js';
import type {Place} from '../place.js';
import {type ControllerDirectories, findController} from './cgroup-directories.js';

/** What a cgroup uses of a limit on it. */
export type Use = {used: number; maximum: number; directory: string};

/** Limits of the cgroup that ctop (or init of another /proc) runs in, the tightest of its own and those above it. */
export type CgroupReading = {
	/** 100 = one CPU; missing when there is no quota. */
	cpuQuotaPercent?: number;
	/** CPU periods so far, and those in which the quota ran out. */
	cpuPeriods?: {all: number; throttled: number};
	/** Without the file pages that can be dropped at once. */
	memory?: Use;
	oomKills?: number;
	pids?: Use;
};

const readNumber = (path: string): number | undefined => {
	const text = readText(path)?.trim();
	return text && /^\d+$/.test(text) ? Number(text) : undefined;
};

const readField = (path: string, name: string): number | undefined => {
	const value = new RegExp(`^${name} (\\d+)`, 'm').exec(readText(path) ?? '')?.[1];
	return value === undefined ? undefined : Number(value);
};

/** The use of whatever directory is nearest to its limit. */
const nearest = (uses: readonly (Use | undefined)[]): Use | undefined =>
	uses.filter(use => use !== undefined).sort((a, b) => b.used / b.maximum - a.used / a.maximum)[0];

const readQuota = (directory: string, version: 1 | 2): number | undefined =>
	version === 2
		? parseCpuMax(readText(join(directory, 'cpu.max')) ?? '')
		: quotaPercent(
				readText(join(directory, 'cpu.cfs_quota_us')) ?? '',
				readText(join(directory, 'cpu.cfs_period_us')) ?? '',
			);

const readCpu = ({version, directories}: ControllerDirectories) => {
	const limited = directories
		.map(directory => ({directory, quota: readQuota(directory, version)}))
		.filter(({quota}) => quota !== undefined)
		.sort((a, b) => a.quota! - b.quota!)[0];
	if (!limited) {
		return {};
	}

	const all = readField(join(limited.directory, 'cpu.stat'), 'nr_periods');
	const throttled = readField(join(limited.directory, 'cpu.stat'), 'nr_throttled');
	return {
		cpuQuotaPercent: limited.quota,
		...(all !== undefined && throttled !== undefined && {cpuPeriods: {all, throttled}}),
	};
};

/** cgroup v1 writes no limit as the largest number of whole pages; see the kernel's memory.rst. */
const unlimitedBytes = 2 ** 62;

const readMemory = ({version, directories}: ControllerDirectories) => {
	const [limit, usage, file] =
		version === 2
			? ['memory.max', 'memory.current', 'inactive_file']
			: ['memory.limit_in_bytes', 'memory.usage_in_bytes', 'total_inactive_file'];
	const uses = directories.map((directory): Use | undefined => {
		const maximum = readNumber(join(directory, limit!));
		const used = readNumber(join(directory, usage!));
		const droppable = readField(join(directory, 'memory.stat'), file!) ?? 0;
		return maximum && maximum < unlimitedBytes && used !== undefined
			? {used: Math.max(0, used - droppable), maximum, directory}
			: undefined;
	});
	const events = join(directories[0]!, version === 2 ? 'memory.events' : 'memory.oom_control');
	return {memory: nearest(uses), oomKills: readField(events, 'oom_kill')};
};

const readPids = ({directories}: ControllerDirectories): Use | undefined =>
	nearest(
		directories.map((directory): Use | undefined => {
			const maximum = readNumber(join(directory, 'pids.max'));
			const used = readNumber(join(directory, 'pids.current'));
			return maximum && used !== undefined ? {used, maximum, directory} : undefined;
		}),
	);

/** Reads the limits; keys are missing where there is no limit, or no such controller to be seen. */
export const readCgroup = (place: Place, mounts: readonly Mount[]): CgroupReading => {
	const text = readText(join(place.viewpoint, 'cgroup')) ?? '';
	const cpu = findController(place, mounts, text, 'cpu');
	const memory = findController(place, mounts, text, 'memory');
	const pids = findController(place, mounts, text, 'pids');
	return {
		...(cpu && readCpu(cpu)),
		...(memory && readMemory(memory)),
		...(pids && {pids: readPids(pids)}),
	};
};
