import path from 'node:path';
import type {Throttling} from '../model/process.js';
import {type CpuStat, parseCgroup, parseCpuStat, pathAndAncestors} from '../procfs/cgroup.js';
import {readText} from '../procfs/read-text.js';
import type {Target} from '../targets/target.js';
import {readQuota} from './cgroup-quota.js';

/** What quotas do to cgroups; each cgroup's counters are read once a sweep, however many processes are in it. */
export type CgroupThrottling = {
	/** Begins a new sweep. */
	nextSweep(): void;
	/** Of a process with a quota; undefined until there are two readings, and where no period of it passed. */
	of(pid: number, cgroup: string): Throttling | undefined;
};

type Counted = {cgroup: string; quotaPercent: number; stat: CpuStat};
type Known = {
	sweep: number;
	readAtMilliseconds: number;
	levels: readonly Counted[];
	now?: Throttling;
};

const between = (before: Counted, after: Counted, milliseconds: number): Throttling | undefined => {
	const periods = after.stat.periods - before.stat.periods;
	const throttled = after.stat.throttledPeriods - before.stat.throttledPeriods;
	const microseconds = after.stat.throttledMicroseconds - before.stat.throttledMicroseconds;
	return periods > 0 && throttled >= 0 && milliseconds > 0
		? {
				cgroup: after.cgroup,
				quotaPercent: after.quotaPercent,
				throttledPeriodsPercent: Math.min(100, (throttled / periods) * 100),
				throttledPercent: (microseconds / (milliseconds * 1000)) * 100,
			}
		: undefined;
};

const worst = (one: Throttling | undefined, other: Throttling | undefined) =>
	one === undefined ||
	(other !== undefined && other.throttledPeriodsPercent > one.throttledPeriodsPercent)
		? other
		: one;

export const createCgroupThrottling = (target: Target): CgroupThrottling => {
	const known = new Map<string, Known>();
	let sweep = 0;

	/** A limit may sit on any level. */
	const readLevels = (pid: number): readonly Counted[] => {
		const place = parseCgroup(readText(`${target.procRoot}/${pid}/cgroup`) ?? '');
		if (!target.cgroupRoot || !place) {
			return [];
		}

		const root = place.version === 2 ? target.cgroupRoot : path.join(target.cgroupRoot, 'cpu');
		return pathAndAncestors(place.path).flatMap(cgroup => {
			const folder = path.join(root, cgroup);
			const quota = readQuota(folder, place.version);
			const stat = quota && parseCpuStat(readText(path.join(folder, 'cpu.stat')) ?? '');
			return quota && stat ? [{cgroup, quotaPercent: quota, stat}] : [];
		});
	};

	return {
		nextSweep() {
			sweep++;
		},
		of(pid, cgroup) {
			const before = known.get(cgroup);
			if (before?.sweep === sweep) {
				return before.now;
			}

			const levels = readLevels(pid);
			const readAtMilliseconds = performance.now();
			// Of a cgroup that nobody asked about in the last sweep the counters cover another time.
			const current = before?.sweep === sweep - 1 ? before : undefined;
			const now = levels
				.map(level => {
					const earlier = current?.levels.find(each => each.cgroup === level.cgroup);
					return (
						earlier && between(earlier, level, readAtMilliseconds - current!.readAtMilliseconds)
					);
				})
				.reduce(worst, undefined);
			known.set(cgroup, {sweep, readAtMilliseconds, levels, ...(now && {now})});
			return now;
		},
	};
};
