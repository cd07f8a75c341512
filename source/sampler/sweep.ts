import {isGone, readPath} from '../procfs/descriptor.js';
import {parseSchedstat, type Schedstat} from '../procfs/schedstat.js';
import {parseStat} from '../procfs/stat.js';
import {createTaskStatus, parseTaskStatus, unescapeName} from '../procfs/status.js';
import {ticksPerSecond} from './publish.js';
import {ratePerSecond, sharePercent} from './rates.js';
import type {ThreadEntry} from './task-entry.js';
import type {TaskFiles} from './task-files.js';

/**
Reads one thread. A thread whose schedstat didn't change has not run, and one that has not run can't have switched: its other
files are not read again while it sleeps with a known wait.
*/
export type ThreadSweeper = {
	/** Reads what changed; `moved` when it ran since the last time, `gone` when it has exited. */
	sweep(entry: ThreadEntry): 'still' | 'moved' | 'gone';
	/** Reads its status whatever the gate says; true when that shows something that the gate had missed. */
	verify(entry: ThreadEntry): boolean;
};

// Descriptors of a thread's other files are held when it ran in two sweeps, and given back after this many quiet ones.
const activeSweepsToHold = 2;
const quietSweepsToRelease = -30;
// The kernel counts system time in ticks of 1/250 s or so: below this its share is noise.
const leastCpuPercentForSystemTime = 3;
const nanosecondsPerSecond = 1e9;

const buffer = Buffer.allocUnsafe(8192);
const counters: Schedstat = {runNanoseconds: 0, delayNanoseconds: 0, slices: 0};
const status = createTaskStatus();

/** FNV-1a over a few bytes: tells whether a name is still the same without making a string of it. */
const hashBytes = (bytes: Uint8Array, from: number, to: number): number => {
	let hash = 0x81_1c_9d_c5;
	for (let index = from; index < to; index++) {
		hash = Math.imul(hash ^ bytes[index]!, 0x01_00_01_93);
	}

	return hash;
};

const setQuiet = (entry: ThreadEntry): void => {
	if (
		entry.voluntarySwitchesPerSecond === 0 &&
		entry.involuntarySwitchesPerSecond === 0 &&
		entry.cpuPercent === 0 &&
		entry.runQueueWaitPercent === 0 &&
		entry.waits === undefined
	) {
		return;
	}

	entry.voluntarySwitchesPerSecond = 0;
	entry.involuntarySwitchesPerSecond = 0;
	entry.cpuPercent = 0;
	entry.runQueueWaitPercent = 0;
	entry.systemCpuPercent = undefined;
	entry.waits = undefined;
	entry.dirty = true;
	entry.process.dirty = true;
};

const forgetRates = (entry: ThreadEntry): void => {
	entry.voluntarySwitchesPerSecond = undefined;
	entry.involuntarySwitchesPerSecond = undefined;
	entry.cpuPercent = undefined;
	entry.runQueueWaitPercent = undefined;
	entry.systemCpuPercent = undefined;
};

const updateRates = (entry: ThreadEntry, now: number): void => {
	const seconds = (now - entry.readAtMilliseconds) / 1000;
	const wentBack =
		counters.slices < entry.slices ||
		counters.runNanoseconds < entry.runNanoseconds ||
		status.voluntarySwitches < entry.voluntarySwitches;
	if (entry.slices < 0 || wentBack) {
		forgetRates(entry);
		return;
	}

	entry.voluntarySwitchesPerSecond = ratePerSecond(
		entry.voluntarySwitches,
		status.voluntarySwitches,
		seconds,
	);
	entry.involuntarySwitchesPerSecond = ratePerSecond(
		entry.involuntarySwitches,
		status.involuntarySwitches,
		seconds,
	);
	entry.cpuPercent = sharePercent(entry.runNanoseconds, counters.runNanoseconds, seconds);
	entry.runQueueWaitPercent = sharePercent(
		entry.delayNanoseconds,
		counters.delayNanoseconds,
		seconds,
	);
};

const keepCounters = (entry: ThreadEntry, now: number): void => {
	entry.runNanoseconds = counters.runNanoseconds;
	entry.delayNanoseconds = counters.delayNanoseconds;
	entry.slices = counters.slices;
	entry.voluntarySwitches = status.voluntarySwitches;
	entry.involuntarySwitches = status.involuntarySwitches;
	entry.readAtMilliseconds = now;
};

const updateName = (entry: ThreadEntry): void => {
	const hash = hashBytes(buffer, status.nameStart, status.nameEnd);
	if (hash !== entry.nameHash) {
		entry.nameHash = hash;
		entry.name = unescapeName(buffer.toString('utf8', status.nameStart, status.nameEnd));
		entry.dirty = true;
	}
};

/** Reads the run time from stat, in clock ticks: for kernels that keep no schedstat. Nothing tells there whether a thread ran. */
const countersFromStat = (length: number): boolean => {
	const stat = parseStat(buffer, length);
	if (!stat) {
		return false;
	}

	counters.runNanoseconds =
		((stat.userTicks + stat.systemTicks) / ticksPerSecond) * nanosecondsPerSecond;
	counters.delayNanoseconds = 0;
	counters.slices = 0;
	return true;
};

export const createThreadSweeper = (files: TaskFiles, hasSchedstat: boolean): ThreadSweeper => {
	/** Fills `counters`; a length, or a failure of descriptor.ts. */
	const readCounters = (entry: ThreadEntry): number => {
		if (hasSchedstat) {
			const length = files.read(entry, 'schedstatDescriptor', buffer, true);
			return length <= 0 || parseSchedstat(buffer, length, counters) ? length : 0;
		}

		const length = readPath(files.path(entry, 'stat'), buffer);
		return length <= 0 || countersFromStat(length) ? length : 0;
	};

	const readStatus = (entry: ThreadEntry): number => {
		const hold = entry.activeSweeps >= activeSweepsToHold;
		const length = files.read(entry, 'statusDescriptor', buffer, hold);
		return length < 0 || parseTaskStatus(buffer, length, status) ? length : 0;
	};

	const updateSystemTime = (entry: ThreadEntry): void => {
		if ((entry.cpuPercent ?? 0) < leastCpuPercentForSystemTime) {
			entry.systemCpuPercent = undefined;
			entry.systemTicks = -1;
			return;
		}

		const length = readPath(files.path(entry, 'stat'), buffer);
		const stat = length > 0 ? parseStat(buffer, length) : undefined;
		if (!stat) {
			return;
		}

		const now = performance.now();
		const seconds = (now - entry.statReadAtMilliseconds) / 1000;
		const rate =
			entry.systemTicks < 0
				? undefined
				: ratePerSecond(entry.systemTicks, stat.systemTicks, seconds);
		entry.systemCpuPercent = rate === undefined ? undefined : (rate / ticksPerSecond) * 100;
		entry.userTicks = stat.userTicks;
		entry.systemTicks = stat.systemTicks;
		entry.statReadAtMilliseconds = now;
		entry.lastCpu = stat.lastCpu;
		entry.nice = stat.nice;
		entry.policy = stat.policy;
	};

	const sweepMoved = (entry: ThreadEntry): 'moved' | 'gone' => {
		const first = entry.slices < 0;
		entry.activeSweeps = Math.max(0, entry.activeSweeps) + 1;
		const length = readStatus(entry);
		if (length <= 0) {
			return 'gone';
		}

		const now = performance.now();
		updateName(entry);
		updateRates(entry, now);
		if (!hasSchedstat) {
			entry.runQueueWaitPercent = undefined;
		}

		keepCounters(entry, now);
		entry.state = String.fromCharCode(status.state);
		entry.settled = false;
		entry.dirty = true;
		entry.process.dirty = true;
		entry.process.active = true;
		if (!first) {
			updateSystemTime(entry);
		}

		return 'moved';
	};

	const isUnchanged = (entry: ThreadEntry): boolean =>
		counters.slices === entry.slices &&
		counters.runNanoseconds === entry.runNanoseconds &&
		counters.delayNanoseconds === entry.delayNanoseconds;

	return {
		sweep(entry) {
			const length = readCounters(entry);
			if (length <= 0) {
				return isGone(length) ? 'gone' : 'still';
			}

			if (!hasSchedstat || !entry.settled || !isUnchanged(entry)) {
				return sweepMoved(entry);
			}

			entry.readAtMilliseconds = performance.now();
			entry.activeSweeps = Math.min(0, entry.activeSweeps) - 1;
			if (entry.activeSweeps === quietSweepsToRelease) {
				files.releaseSecondary(entry);
			}

			setQuiet(entry);
			return 'still';
		},
		verify(entry) {
			const length = readStatus(entry);
			if (length <= 0) {
				return false;
			}

			const before = entry.name;
			updateName(entry);
			const differs =
				entry.state.charCodeAt(0) !== status.state ||
				entry.voluntarySwitches !== status.voluntarySwitches;
			if (differs) {
				// The next sweep reads all of it again.
				entry.settled = false;
			}

			entry.process.dirty ||= entry.dirty;
			return differs || before !== entry.name;
		},
	};
};
