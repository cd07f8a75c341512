import type {Schedstat} from '../procfs/schedstat.js';
import type {TaskStatus} from '../procfs/status.js';
import {ratePerSecond, sharePercent} from './rates.js';
import type {ThreadEntry} from './task-entry.js';

/** Its next reading begins a new interval. */
export const forgetSystemTime = (entry: ThreadEntry): void => {
	entry.systemCpuPercent = undefined;
	entry.systemTicks = -1;
};

/** Of a thread that did not run. */
export const setQuiet = (entry: ThreadEntry): void => {
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
	forgetSystemTime(entry);
	entry.waits = undefined;
	entry.dirty = true;
	entry.process.dirty = true;
};

/** Of a thread whose counters say nothing about the interval: undefined, or null when the kernel refused them. */
export const forgetRates = (entry: ThreadEntry, reading: null | undefined): void => {
	entry.voluntarySwitchesPerSecond = reading;
	entry.involuntarySwitchesPerSecond = reading;
	entry.cpuPercent = reading;
	entry.runQueueWaitPercent = reading;
	forgetSystemTime(entry);
	entry.dirty = true;
	entry.process.dirty = true;
};

/** Counters of one task only grow: these are another one's, which has the id now. */
export const wentBack = (entry: ThreadEntry, counters: Schedstat, status: TaskStatus): boolean =>
	counters.slices < entry.slices ||
	counters.runNanoseconds < entry.runNanoseconds ||
	status.voluntarySwitches < entry.voluntarySwitches;

/** Rates between the counters that the entry keeps and those that were read at `now`. */
export const updateRates = (
	entry: ThreadEntry,
	counters: Schedstat,
	status: TaskStatus,
	now: number,
): void => {
	const seconds = (now - entry.readAtMilliseconds) / 1000;
	if (entry.slices < 0) {
		forgetRates(entry, undefined);
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

export const keepCounters = (
	entry: ThreadEntry,
	counters: Schedstat,
	status: TaskStatus,
	now: number,
): void => {
	entry.runNanoseconds = counters.runNanoseconds;
	entry.delayNanoseconds = counters.delayNanoseconds;
	entry.slices = counters.slices;
	entry.voluntarySwitches = status.voluntarySwitches;
	entry.involuntarySwitches = status.involuntarySwitches;
	entry.ranAtMilliseconds = now;
	entry.readAtMilliseconds = now;
};
