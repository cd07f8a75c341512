import {parseCgroup} from '../procfs/cgroup.js';
import {parseCommandLine} from '../procfs/command-line.js';
import {readPath} from '../procfs/descriptor.js';
import {readBytes, readText} from '../procfs/read-text.js';
import {kernelThreadFlag, parseStat, type Stat} from '../procfs/stat.js';
import {parseProcessStatus} from '../procfs/status.js';
import type {Target} from '../targets/target.js';
import {ticksPerSecond} from './publish.js';
import {ratePerSecond} from './rates.js';
import type {ProcessEntry} from './task-entry.js';

// A stat file is one line of some fifty numbers.
const buffer = Buffer.allocUnsafe(4096);

const applyStat = (entry: ProcessEntry, stat: Stat): void => {
	entry.name = stat.name;
	entry.state = stat.state;
	entry.parentPid = stat.parentPid;
	entry.startTimeTicks = stat.startTimeTicks;
	entry.startStack = stat.startStack;
	entry.processGroup = stat.processGroup;
	entry.session = stat.session;
	entry.terminalProcessGroup = stat.terminalProcessGroup;
	entry.nice = stat.nice;
	entry.kernelThread = (stat.flags & kernelThreadFlag) !== 0;
};

/** What a difference between two readings of a process's stat shows on the screen. */
const identityOf = (entry: ProcessEntry): string =>
	[
		entry.name,
		entry.state,
		entry.parentPid,
		entry.processGroup,
		entry.session,
		entry.terminalProcessGroup,
		entry.nice,
		entry.systemCpuPercent,
		entry.endedChildrenCpuPercent,
	].join('\0');

// The kernel counts in ticks of 10 ms: over less time than this a rate would be noise.
const leastMillisecondsForSystemTime = 50;

/** System time of all its threads, dead ones too, and the time of the children that it has waited for. */
const measureTimes = (entry: ProcessEntry, stat: Stat, now: number): void => {
	const milliseconds = now - entry.statReadAtMilliseconds;
	if (entry.systemTicks >= 0 && milliseconds < leastMillisecondsForSystemTime) {
		return;
	}

	const percentOf = (before: number, after: number): number | undefined => {
		const rate = before < 0 ? undefined : ratePerSecond(before, after, milliseconds / 1000);
		return rate === undefined ? undefined : (rate / ticksPerSecond) * 100;
	};

	entry.systemCpuPercent = percentOf(entry.systemTicks, stat.systemTicks);
	entry.endedChildrenCpuPercent = percentOf(entry.childrenTicks, stat.childrenTicks);
	entry.userTicks = stat.userTicks;
	entry.systemTicks = stat.systemTicks;
	entry.childrenTicks = stat.childrenTicks;
	entry.statReadAtMilliseconds = now;
};

/** Each exec(2) lays out a new stack; where we may not see it, a new name is all that tells. */
const hasRunExec = (entry: ProcessEntry, stat: Stat): boolean =>
	entry.startStack !== 0 && stat.startStack !== 0
		? entry.startStack !== stat.startStack
		: entry.name !== stat.name;

const forgetProgram = (entry: ProcessEntry): void => {
	entry.generation++;
	entry.runtime = undefined;
	entry.service = undefined;
	entry.locks = undefined;
	entry.waitsRefused = false;
	entry.sweeps = 0;
};

/** What a new reading of its stat file says about a process. */
export type StatChange = 'same' | 'exec' | 'replaced' | 'gone';

/** Reads the stat file of a process. `exec`: it may run another program. `replaced`: another process has its id, nothing was kept. */
export const refreshStat = (entry: ProcessEntry, target: Target): StatChange => {
	const length = readPath(`${target.procRoot}/${entry.pid}/stat`, buffer);
	const stat = length > 0 ? parseStat(buffer, length) : undefined;
	if (!stat) {
		return 'gone';
	}

	const isNew = entry.statReadAtMilliseconds === 0;
	if (!isNew && entry.startTimeTicks !== stat.startTimeTicks) {
		return 'replaced';
	}

	const before = identityOf(entry);
	const exec = !isNew && hasRunExec(entry, stat);
	const renamed = !isNew && entry.name !== stat.name;
	applyStat(entry, stat);
	measureTimes(entry, stat, performance.now());
	if (exec) {
		forgetProgram(entry);
	}

	if (exec || renamed) {
		refreshDescription(entry, target);
	}

	entry.dirty ||= exec || identityOf(entry) !== before;
	return exec ? 'exec' : 'same';
};

/** Of a process none of whose threads ran: it used no time, and its next interval begins now. */
export const setProcessQuiet = (entry: ProcessEntry): void => {
	entry.statReadAtMilliseconds = performance.now();
	if (
		entry.systemTicks >= 0 &&
		(entry.systemCpuPercent !== 0 || entry.endedChildrenCpuPercent !== 0)
	) {
		entry.systemCpuPercent = 0;
		entry.endedChildrenCpuPercent = 0;
		entry.dirty = true;
	}
};

/** Reads what describes a process and changes seldom: command line, user, affinity, cgroup. */
export const refreshDescription = (entry: ProcessEntry, target: Target): void => {
	const folder = `${target.procRoot}/${entry.pid}`;
	const commandLine = readBytes(`${folder}/cmdline`);
	const parsed = commandLine && parseCommandLine(commandLine);
	if (entry.commandLine?.join('\0') !== parsed?.join('\0')) {
		entry.commandLine = parsed;
		entry.generation++;
		entry.dirty = true;
	}

	const statusText = readText(`${folder}/status`);
	if (statusText) {
		const status = parseProcessStatus(statusText);
		const lockedPages = (status.lockedBytes ?? 0) > 0;
		entry.dirty ||=
			entry.userId !== status.userId ||
			entry.cpusAllowed !== status.cpusAllowed ||
			entry.lockedPages !== lockedPages;
		entry.userId = status.userId;
		entry.cpusAllowed = status.cpusAllowed;
		entry.lockedPages = lockedPages;
	}

	const cgroupText = readText(`${folder}/cgroup`);
	const cgroup = cgroupText ? parseCgroup(cgroupText)?.path : cgroupText;
	entry.dirty ||= entry.cgroup !== cgroup;
	entry.cgroup = cgroup;
};
