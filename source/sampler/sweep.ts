import {failure, isGone, readPath} from '../procfs/descriptor.js';
import {parseSchedstat, type Schedstat} from '../procfs/schedstat.js';
import {parseStat, type Stat} from '../procfs/stat.js';
import {createTaskStatus, parseTaskStatus, unescapeName} from '../procfs/status.js';
import {ticksPerSecond} from './publish.js';
import {ratePerSecond} from './rates.js';
import type {ThreadEntry} from './task-entry.js';
import type {TaskFiles} from './task-files.js';
import {
	forgetRates,
	forgetSystemTime,
	keepCounters,
	setQuiet,
	updateRates,
	wentBack,
} from './thread-rates.js';

/**
Reads one thread. A thread whose schedstat didn't change has not run, and one that has not run can't have switched: its other
files are not read again while it sleeps with a known wait.
*/
export type ThreadSweeper = {
	/**
	Reads what changed; `moved` when it ran since the last time, `postponed` when it didn't and its wait is still to be read, `gone` when
	it has exited or its id belongs to another task now, `unread` when it is there but its files could not be read.
	*/
	sweep(entry: ThreadEntry): 'still' | 'postponed' | 'moved' | 'gone' | 'unread';
	/** How many threads stayed torn since the last call: whatever was tried, something came between the readings of their files. */
	takeTorn(): number;
	/** Reads its stat whatever the gate says: what others change about a thread moves no counter of it. */
	verify(entry: ThreadEntry): void;
};

// Descriptors of a thread's other files are held when it ran in two sweeps, and given back after this many quiet ones.
const activeSweepsToHold = 2;
const quietSweepsToRelease = -30;
// The kernel counts system time in ticks of 1/250 s or so: below this its share is noise.
const leastCpuPercentForSystemTime = 3;
const nanosecondsPerSecond = 1e9;
// Counters of two files that were read further apart don't belong together: the program was stopped or starved in between.
const tornMilliseconds = 20;
const mostAttempts = 3;

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

const updateName = (entry: ThreadEntry): void => {
	const hash = hashBytes(buffer, status.nameStart, status.nameEnd);
	if (hash !== entry.nameHash) {
		entry.nameHash = hash;
		const name = unescapeName(buffer.toString('utf8', status.nameStart, status.nameEnd));
		if (name !== entry.name) {
			entry.name = name;
			entry.dirty = true;
		}
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
	let torn = 0;

	/** A quiet thread takes none of the last ones, and none while threads that run go without. */
	const mayHold = (entry: ThreadEntry): boolean =>
		entry.activeSweeps >= activeSweepsToHold || files.hasSpare;

	/** Fills `counters`; a length, or a failure of descriptor.ts. */
	const readCounters = (entry: ThreadEntry): number => {
		if (hasSchedstat) {
			const length = files.read(entry, 'schedstatDescriptor', buffer, mayHold(entry));
			return length <= 0 || parseSchedstat(buffer, length, counters) ? length : 0;
		}

		const length = readPath(files.path(entry, 'stat'), buffer);
		return length <= 0 || countersFromStat(length) ? length : 0;
	};

	const readStatus = (entry: ThreadEntry): number => {
		const hold = entry.activeSweeps >= activeSweepsToHold;
		const length = files.read(entry, 'statusDescriptor', buffer, hold);
		return length <= 0 || parseTaskStatus(buffer, length, status) ? length : 0;
	};

	const readStat = (entry: ThreadEntry): Stat | undefined => {
		const length = readPath(files.path(entry, 'stat'), buffer);
		const stat = length > 0 ? parseStat(buffer, length) : undefined;
		if (stat) {
			entry.dirty ||= entry.nice !== stat.nice || entry.policy !== stat.policy;
			entry.lastCpu = stat.lastCpu;
			entry.nice = stat.nice;
			entry.policy = stat.policy;
		}

		return stat;
	};

	const updateSystemTime = (entry: ThreadEntry): void => {
		const isBusy = (entry.cpuPercent ?? 0) >= leastCpuPercentForSystemTime;
		const stat = isBusy ? readStat(entry) : undefined;
		if (!stat) {
			forgetSystemTime(entry);
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
	};

	const applyMove = (entry: ThreadEntry, now: number): void => {
		const first = entry.slices < 0;
		updateName(entry);
		updateRates(entry, counters, status, now);
		if (!hasSchedstat) {
			entry.runQueueWaitPercent = undefined;
		}

		keepCounters(entry, counters, status, now);
		entry.state = String.fromCharCode(status.state);
		entry.settled = false;
		entry.postponed = false;
		entry.dirty = true;
		entry.process.dirty = true;
		entry.process.active = true;
		if (!first) {
			updateSystemTime(entry);
		}
	};

	const applyStillness = (entry: ThreadEntry, now: number): void => {
		entry.readAtMilliseconds = now;
		entry.activeSweeps = Math.min(0, entry.activeSweeps) - 1;
		if (entry.activeSweeps === quietSweepsToRelease) {
			files.releaseSecondary(entry);
		}

		setQuiet(entry);
	};

	const isUnchanged = (entry: ThreadEntry): boolean =>
		counters.slices === entry.slices &&
		counters.runNanoseconds === entry.runNanoseconds &&
		counters.delayNanoseconds === entry.delayNanoseconds;

	/** Whether it has slept since its files were read: they say nothing new. */
	const isAtRest = (entry: ThreadEntry): boolean =>
		hasSchedstat && (entry.settled || entry.postponed) && isUnchanged(entry);

	/** What a failed reading means. What was known of the thread is not known any more; its counters go on from the next reading. */
	const unreadable = (entry: ThreadEntry, length: number): 'gone' | 'unread' => {
		if (isGone(length)) {
			return 'gone';
		}

		const reading = length === failure.denied ? null : undefined;
		forgetRates(entry, reading);
		entry.wait = reading;
		entry.waitChannel = reading;
		entry.waits = undefined;
		entry.settled = false;
		entry.postponed = false;
		return 'unread';
	};

	/** One that is read again only because its wait isn't known yet has not run: it needs no more descriptors. */
	const countSweep = (entry: ThreadEntry): void => {
		entry.activeSweeps = Math.max(0, entry.activeSweeps) + (isUnchanged(entry) ? 0 : 1);
	};

	/** Whether what was read since then counts: it fits together, or won't at the next attempt either. */
	const isAccepted = (since: number, attempt: number): boolean => {
		const isTorn = performance.now() - since >= tornMilliseconds;
		const isLast = attempt === mostAttempts;
		torn += isTorn && isLast ? 1 : 0;
		return !isTorn || isLast;
	};

	/** Of a thread whose counters were just read; undefined when they are to be read again. */
	const readMove = (
		entry: ThreadEntry,
		now: number,
		attempt: number,
	): 'moved' | 'gone' | 'unread' | undefined => {
		const length = readStatus(entry);
		if (length <= 0) {
			return unreadable(entry, length);
		}

		if (wentBack(entry, counters, status)) {
			return 'gone';
		}

		if (!isAccepted(now, attempt)) {
			return undefined;
		}

		countSweep(entry);
		applyMove(entry, now);
		return 'moved';
	};

	return {
		sweep(entry) {
			for (let attempt = 1; ; attempt++) {
				const now = performance.now();
				const length = readCounters(entry);
				if (length <= 0) {
					return unreadable(entry, length);
				}

				if (isAtRest(entry)) {
					applyStillness(entry, now);
					return entry.postponed ? 'postponed' : 'still';
				}

				const result = readMove(entry, now, attempt);
				if (result) {
					return result;
				}
			}
		},
		takeTorn() {
			const taken = torn;
			torn = 0;
			return taken;
		},
		verify(entry) {
			const stat = readStat(entry);
			if (stat) {
				if (entry.name !== stat.name) {
					entry.name = stat.name;
					entry.nameHash = 0;
					entry.dirty = true;
				}

				// The next sweep reads all of it again.
				entry.settled &&= entry.state === stat.state;
				entry.postponed &&= entry.state === stat.state;
			}

			entry.process.dirty ||= entry.dirty;
		},
	};
};
