/** A process's place in the hierarchy that limits its CPUs, see cgroups(7). */
export type CgroupPath = {version: 1 | 2; path: string};

/** Finds the CPU controller's line in /proc/PID/cgroup: `0::/path` (v2) or `4:cpu,cpuacct:/path` (v1). */
export const parseCgroup = (text: string): CgroupPath | undefined => {
	let unified: string | undefined;
	for (const line of text.split('\n')) {
		const [id, controllers, ...rest] = line.split(':');
		const path = rest.join(':');
		if (controllers?.split(',').includes('cpu')) {
			return {version: 1, path};
		}

		if (id === '0' && controllers === '') {
			unified = path;
		}
	}

	return unified === undefined ? undefined : {version: 2, path: unified};
};

/** Parses cpu.max of cgroup v2 (`200000 100000`, `max 100000`) into a percentage of one CPU; undefined for no limit. */
export const parseCpuMax = (text: string): number | undefined => {
	const [quota, period] = text.trim().split(' ').map(Number);
	return quota && period ? (quota / period) * 100 : undefined;
};

/** From cgroup v1's cpu.cfs_quota_us (-1: no limit) and cpu.cfs_period_us into a percentage of one CPU. */
export const quotaPercent = (quotaText: string, periodText: string): number | undefined => {
	const quota = Number(quotaText);
	const period = Number(periodText);
	return quota > 0 && period > 0 ? (quota / period) * 100 : undefined;
};

/** A path and all above it, the root last: a limit may sit on any of them. */
export const pathAndAncestors = (path: string): readonly string[] => {
	const parts = path.split('/').filter(Boolean);
	return [...parts.map((_, index) => `/${parts.slice(0, parts.length - index).join('/')}`), '/'];
};

/** How often a cgroup used its quota up: counters since it was made. */
export type CpuStat = {periods: number; throttledPeriods: number; throttledMicroseconds: number};

/** Parses cpu.stat of both versions (v1 counts `throttled_time` in nanoseconds); undefined where no quota is counted. */
export const parseCpuStat = (text: string): CpuStat | undefined => {
	const counter = (name: string): number | undefined => {
		const match = new RegExp(`^${name} (\\d+)$`, 'm').exec(text);
		return match ? Number(match[1]) : undefined;
	};

	const periods = counter('nr_periods');
	const throttledPeriods = counter('nr_throttled');
	return periods === undefined || throttledPeriods === undefined
		? undefined
		: {
				periods,
				throttledPeriods,
				throttledMicroseconds: counter('throttled_usec') ?? (counter('throttled_time') ?? 0) / 1000,
			};
};
