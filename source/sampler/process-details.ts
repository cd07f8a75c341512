import {parseCgroup} from '../procfs/cgroup.js';
import {parseCommandLine} from '../procfs/command-line.js';
import {readBytes, readText} from '../procfs/read-text.js';
import {kernelThreadFlag, parseStat, type Stat} from '../procfs/stat.js';
import {parseProcessStatus} from '../procfs/status.js';
import type {Target} from '../targets/target.js';
import {ticksPerSecond} from './publish.js';
import {ratePerSecond} from './rates.js';
import type {ProcessEntry} from './task-entry.js';

const applyStat = (entry: ProcessEntry, stat: Stat): void => {
	entry.name = stat.name;
	entry.state = stat.state;
	entry.parentPid = stat.parentPid;
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
	].join('\0');

/** Reads the stat file of a process; false when it has exited. Its system time is that of all its threads, dead ones too. */
export const refreshStat = (entry: ProcessEntry, target: Target): boolean => {
	const bytes = readBytes(`${target.procRoot}/${entry.pid}/stat`);
	const stat = bytes ? parseStat(bytes, bytes.length) : undefined;
	if (!stat) {
		return false;
	}

	const now = performance.now();
	const before = identityOf(entry);
	applyStat(entry, stat);
	const renamed = !before.startsWith(`${entry.name}\0`);
	if (entry.startTimeTicks !== 0 && renamed) {
		// It may have called exec.
		entry.generation++;
		entry.runtime = undefined;
		entry.service = undefined;
		refreshDescription(entry, target);
	}

	const rate =
		entry.systemTicks < 0
			? undefined
			: ratePerSecond(
					entry.systemTicks,
					stat.systemTicks,
					(now - entry.statReadAtMilliseconds) / 1000,
				);
	entry.systemCpuPercent = rate === undefined ? undefined : (rate / ticksPerSecond) * 100;
	entry.startTimeTicks = stat.startTimeTicks;
	entry.userTicks = stat.userTicks;
	entry.systemTicks = stat.systemTicks;
	entry.statReadAtMilliseconds = now;
	entry.dirty ||= identityOf(entry) !== before;
	return true;
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
