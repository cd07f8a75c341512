import path from 'node:path';
import {parseCgroup, parseCpuMax, pathAndAncestors, quotaPercent} from '../procfs/cgroup.js';
import {readText} from '../procfs/read-text.js';
import type {Target} from '../targets/target.js';

/** The quota set on one cgroup's directory, 100 = one CPU; undefined when there is none. */
export const readQuota = (directory: string, version: 1 | 2): number | undefined => {
	if (version === 2) {
		return parseCpuMax(readText(path.join(directory, 'cpu.max')) ?? '');
	}

	return quotaPercent(
		readText(path.join(directory, 'cpu.cfs_quota_us')) ?? '',
		readText(path.join(directory, 'cpu.cfs_period_us')) ?? '',
	);
};

const mostKnown = 1000;

/** CPU quotas by cgroup; they are read once and again after `maximumAgeMilliseconds`. */
export type CgroupQuotas = {
	/** The smallest quota of a process's cgroup and of those above it, 100 = one CPU; undefined when there is none to be seen. */
	quotaOf(pid: number, cgroup: string): number | undefined;
};

export const createCgroupQuotas = (
	target: Target,
	maximumAgeMilliseconds = 10_000,
): CgroupQuotas => {
	const known = new Map<string, {quota: number | undefined; readAt: number}>();
	const read = (pid: number): number | undefined => {
		const place = parseCgroup(readText(`${target.procRoot}/${pid}/cgroup`) ?? '');
		if (!target.cgroupRoot || !place) {
			return undefined;
		}

		const root = place.version === 2 ? target.cgroupRoot : path.join(target.cgroupRoot, 'cpu');
		const quotas = pathAndAncestors(place.path)
			.map(each => readQuota(path.join(root, each), place.version))
			.filter(quota => quota !== undefined);
		return quotas.length === 0 ? undefined : Math.min(...quotas);
	};

	return {
		quotaOf(pid, cgroup) {
			const now = performance.now();
			const cached = known.get(cgroup);
			if (cached && now - cached.readAt < maximumAgeMilliseconds) {
				return cached.quota;
			}

			if (known.size >= mostKnown) {
				// Cgroups come and go with the containers.
				known.clear();
			}

			const quota = read(pid);
			known.set(cgroup, {quota, readAt: now});
			return quota;
		},
	};
};
