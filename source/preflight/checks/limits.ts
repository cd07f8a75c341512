import {countText} from '../../model/count-text.js';
import type {Check, Measurement} from '../../model/preflight.js';
import {above, makeCheck, measure, type Symptom, symptom} from '../judge.js';
import type {CgroupReading} from '../readers/cgroup.js';
import type {KernelReading} from '../readers/kernel.js';
import type {LimitsReading} from '../readers/limits.js';
import type {ProcessesReading, ProcessReading} from '../readers/processes.js';
import {percent, table} from '../words.js';
import {unseenDescriptors} from './deleted-files.js';

const watchPercent = 80;
const badPercent = 95;
const shownProcesses = 5;

type Judged = {measurement: Measurement; symptoms: readonly Symptom[]};

const threshold = above(watchPercent, badPercent);

const judgeUse = (
	what: string,
	used: number | undefined,
	maximum: number | undefined,
	source: string,
	consequence: string,
	command?: string,
): Judged => {
	const share = used === undefined || !maximum ? undefined : (used / maximum) * 100;
	const measurement = measure(`${what}, of the limit`, share, '%', source, threshold);
	return {
		measurement,
		symptoms: symptom(
			measurement,
			`${what}: ${countText(used ?? 0)} of ${countText(maximum ?? 0)} (${percent(share ?? 0)}): ${consequence}`,
			command
				? [{what: `raise the limit, or find who holds so many`, why: consequence, command}]
				: [],
		),
	};
};

type NearProcess = ProcessReading & {used: number; limit: number; share: number};

/** Processes by how near they are to their own limit of open files, the nearest first. */
const byOpenFiles = (processes: readonly ProcessReading[]): readonly NearProcess[] =>
	processes
		.flatMap(process => {
			const used = process.openFiles;
			const limit = process.limits?.openFiles;
			// A limit lowered below what is open already still allows what is open; 0 allows nothing new.
			return typeof used === 'number' && limit !== undefined && Number.isFinite(limit)
				? [{...process, used, limit, share: (used / Math.max(1, limit)) * 100}]
				: [];
		})
		.sort((a, b) => b.share - a.share);

/** Threads of a user against the smallest RLIMIT_NPROC of its processes; root's isn't enforced, see getrlimit(2). */
const nearestUser = (processes: readonly ProcessReading[]) => {
	const users = new Map<number, {threads: number; limit: number}>();
	for (const {userId, threads, limits} of processes) {
		if (userId !== undefined && userId !== 0) {
			const user = users.get(userId) ?? {threads: 0, limit: Infinity};
			user.threads += threads;
			user.limit = Math.min(user.limit, limits?.processes ?? Infinity);
			users.set(userId, user);
		}
	}

	return [...users]
		.filter(([, {limit}]) => Number.isFinite(limit))
		.map(([userId, {threads, limit}]) => ({userId, threads, limit}))
		.sort((a, b) => b.threads / b.limit - a.threads / a.limit)[0];
};

const judgeMachine = (
	limits: LimitsReading,
	kernel: KernelReading | undefined,
	cgroup: CgroupReading,
): readonly Judged[] => {
	const files = limits.fileHandles ?? undefined;
	const maximumTasks = Math.min(limits.maximumThreads ?? Infinity, limits.maximumPid ?? Infinity);
	return [
		judgeUse(
			'open files of the machine',
			files && files.allocated - files.free,
			files?.maximum,
			'/proc/sys/fs/file-nr',
			'at the limit nothing can be opened any more (ENFILE)',
			'sysctl fs.file-max',
		),
		judgeUse(
			'threads of the machine',
			kernel?.load?.threads,
			Number.isFinite(maximumTasks) ? maximumTasks : undefined,
			'/proc/loadavg, kernel.threads-max, kernel.pid_max',
			'at the limit no process or thread can be started (EAGAIN)',
			'sysctl kernel.threads-max kernel.pid_max',
		),
		...(cgroup.pids
			? [
					judgeUse(
						'threads of the cgroup',
						cgroup.pids.used,
						cgroup.pids.maximum,
						`${cgroup.pids.directory}/pids.max`,
						'at the limit no process or thread can be started in it (EAGAIN)',
						`cat ${cgroup.pids.directory}/pids.max`,
					),
				]
			: []),
	];
};

const judgeProcesses = (processes: readonly ProcessReading[]): readonly Judged[] => {
	const user = nearestUser(processes);
	return [
		...byOpenFiles(processes)
			.slice(0, shownProcesses)
			.map(({name, pid, used, limit}) =>
				judgeUse(
					`open files of ${name} (${pid})`,
					used,
					Math.max(1, limit),
					`/proc/${pid}/fd, /proc/${pid}/limits`,
					'at the limit it can accept and open nothing more (EMFILE)',
					`ls -l /proc/${pid}/fd | awk '{print $NF}' | cut -d: -f1 | sort | uniq -c | sort -n`,
				),
			),
		...(user
			? [
					judgeUse(
						`threads of user ${user.userId}`,
						user.threads,
						Math.max(1, user.limit),
						'/proc/PID/stat, /proc/PID/limits',
						'at the limit the user can start no process or thread (EAGAIN)',
						'ulimit -u',
					),
				]
			: []),
	];
};

/** How near the machine, the cgroup and the processes are to what they may have of descriptors, pids and threads. */
export const checkLimits = (
	limits: LimitsReading,
	kernel: KernelReading | undefined,
	cgroup: CgroupReading,
	processes: ProcessesReading,
): Check => {
	const judged = [...judgeMachine(limits, kernel, cgroup), ...judgeProcesses(processes.processes)];
	const nearest = [...judged]
		.filter(({measurement}) => typeof measurement.value === 'number')
		.sort((a, b) => Number(b.measurement.value) - Number(a.measurement.value))[0];
	const near = byOpenFiles(processes.processes);
	const unread = judged.filter(({measurement}) => typeof measurement.value !== 'number');
	return makeCheck({
		id: 'limits',
		title: 'Limits',
		fine: nearest
			? `nearest to its limit: ${nearest.measurement.what.replace(', of the limit', '')}, ${percent(Number(nearest.measurement.value))}`
			: 'nothing has a limit',
		symptoms: judged.flatMap(({symptoms}) => symptoms),
		measurements: judged.map(({measurement}) => measurement),
		details: table(
			near
				.slice(0, shownProcesses)
				.map(({name, pid, used, limit, threads}) => [
					`${name} (${pid})`,
					`${countText(used)} of ${countText(limit)} descriptors`,
					`${countText(threads)} threads`,
				]),
		),
		missing: [
			...unread.map(({measurement}) => `${measurement.source} could not be read`),
			...unseenDescriptors(processes),
		],
		// What belongs to the machine and the cgroup is open to all; other users' processes are said to be unseen.
		fineAllTheSame: unread.length === 0,
	});
};
