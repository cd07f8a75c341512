import {readdirSync, readFileSync} from 'node:fs';

/** USER_HZ, the unit of the times in /proc/PID/stat: 100 on every architecture that Node.js runs on. */
const nanosecondsPerTick = 10_000_000;

/** Two roundings of user and of system time, at both ends of a measurement. */
const roundingNanoseconds = 4 * nanosecondsPerTick;

export type Cost = {
	/** Sum over all threads that live now, from schedstat. */
	readonly threadNanoseconds: number;
	/** In whole ticks, with the threads and children that have ended, from stat. */
	readonly processNanoseconds: number;
	/** What all CPUs of the machine did, in whole ticks. */
	readonly machineNanoseconds: number;
	readonly processes: number;
	readonly peakRssBytes: number;
	readonly rssBytes: number;
};

const readOrEmpty = (path: string): string => {
	try {
		return readFileSync(path, 'latin1');
	} catch {
		// It ended while it was looked at.
		return '';
	}
};

/** The fields after the name, which may itself hold blanks and brackets; the first is the state (proc_pid_stat(5) field 3). */
const statFields = (pid: number): readonly string[] => {
	const text = readOrEmpty(`/proc/${pid}/stat`);
	return text.slice(text.lastIndexOf(')') + 2).split(' ');
};

const listNumbers = (directory: string): readonly number[] => {
	try {
		return readdirSync(directory).map(Number).filter(Number.isInteger);
	} catch {
		return [];
	}
};

/** The process and all its descendants. */
const processTree = (pid: number): readonly number[] => {
	const childrenOf = new Map<number, number[]>();
	for (const child of listNumbers('/proc')) {
		const parent = Number(statFields(child)[1]);
		const siblings = childrenOf.get(parent);
		if (siblings) {
			siblings.push(child);
		} else {
			childrenOf.set(parent, [child]);
		}
	}

	const tree = [pid];
	for (const member of tree) {
		tree.push(...(childrenOf.get(member) ?? []));
	}

	return tree;
};

const threadNanosecondsOf = (pid: number): number =>
	listNumbers(`/proc/${pid}/task`)
		.map(tid => Number.parseInt(readOrEmpty(`/proc/${pid}/task/${tid}/schedstat`), 10) || 0)
		.reduce((sum, nanoseconds) => sum + nanoseconds, 0);

/** utime, stime, cutime and cstime: fields 14 to 17. */
const processNanosecondsOf = (pid: number): number =>
	statFields(pid)
		.slice(11, 15)
		.reduce((sum, ticks) => sum + (Number(ticks) || 0), 0) * nanosecondsPerTick;

const statusBytes = (pid: number, field: string): number => {
	const found = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(
		readOrEmpty(`/proc/${pid}/status`),
	);
	return Number(found?.[1] ?? 0) * 1024;
};

/** All but idle and iowait of the first line of /proc/stat, without the guests' time, which is in user already (proc_stat(5)). */
const machineNanoseconds = (): number => {
	const [user, nice, system, , , irq, softirq] = readOrEmpty('/proc/stat')
		.split('\n', 1)
		.join('')
		.split(/ +/)
		.slice(1)
		.map(Number);
	return (
		[user, nice, system, irq, softirq].reduce<number>((sum, ticks) => sum + (ticks ?? 0), 0) *
		nanosecondsPerTick
	);
};

const sumOver = (pids: readonly number[], measureOne: (pid: number) => number): number =>
	pids.reduce((sum, pid) => sum + measureOne(pid), 0);

/** What a process and its descendants have cost so far. Zeros when it is gone. */
export const readCost = (pid: number): Cost => {
	const pids = processTree(pid);
	return {
		threadNanoseconds: sumOver(pids, threadNanosecondsOf),
		processNanoseconds: sumOver(pids, processNanosecondsOf),
		machineNanoseconds: machineNanoseconds(),
		processes: pids.length,
		peakRssBytes: sumOver(pids, member => statusBytes(member, 'VmHWM')),
		rssBytes: sumOver(pids, member => statusBytes(member, 'VmRSS')),
	};
};

/**
CPU time between two readings. The threads' own counters are exact to the nanosecond but leave with their thread; where the
coarse ones of the process say clearly more, threads or children ended on the way, and the coarse ones count.
*/
export const cpuNanosecondsBetween = (before: Cost, after: Cost): number => {
	const fine = after.threadNanoseconds - before.threadNanoseconds;
	const coarse = after.processNanoseconds - before.processNanoseconds;
	const rounding = roundingNanoseconds * Math.max(before.processes, after.processes);
	return coarse - fine > rounding ? coarse : fine;
};
