import type {Finding} from './finding.js';

/** Numbers of one sample after the other; null: refused, or not measured in that sample, which JSON's arrays can't tell apart. */
export type Column = readonly (number | null)[];

/** The machine's totals, each as long as `History.secondsBefore`; a missing column was never measured. */
export type SystemHistory = {
	contextSwitchesPerSecond?: Column;
	runnable?: Column;
	blocked?: Column;
	/** Share of all CPUs' time that wasn't idle. */
	busyPercent?: Column;
	/** Of the last ten seconds, see `PressureLine`. */
	cpuPressurePercent?: Column;
};

/** One of the busiest processes; its columns begin at `firstSample` and end where it ended, or before the Snapshot's own. */
export type ProcessHistory = {
	pid: number;
	startTimeTicks: number;
	name: string;
	firstSample: number;
	voluntarySwitchesPerSecond?: Column;
	involuntarySwitchesPerSecond?: Column;
	cpuPercent?: Column;
	runQueueWaitPercent?: Column;
};

/** A finding that was over when the Snapshot was taken. */
export type EndedFinding = Finding & {
	/** When it was last seen, RFC 3339 UTC. */
	lastSeen: string;
};

/** What was before the Snapshot: compact samples, oldest first. */
export type History = {
	/** How long before the Snapshot each sample was taken. */
	secondsBefore: readonly number[];
	system: SystemHistory;
	processes: readonly ProcessHistory[];
	endedFindings: readonly EndedFinding[];
};
