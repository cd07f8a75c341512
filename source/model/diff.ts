import type {Finding} from './finding.js';

/** A number before and after; missing on a side where it wasn't measured. */
export type Change = {
	before?: number;
	after?: number;
	/** After divided by before; missing where one is missing or before is 0. */
	factor?: number;
};

export type ServiceDiff = {
	name: string;
	processes: Change;
	threads: Change;
	switchesPerSecond: Change;
	voluntarySwitchesPerSecond: Change;
	involuntarySwitchesPerSecond: Change;
	cpuPercent: Change;
	runQueueWaitPercent: Change;
};

export type FindingDiff = {
	state: 'went' | 'came' | 'stayed';
	/** What the process runs that it is about, or `the machine`. */
	subject: string;
	/** As it was last seen: after where it is there, else before. */
	finding: Finding;
};

export type SideOfDiff = {
	host: string;
	cpus: number;
	/** Of the first Snapshot, RFC 3339 UTC. */
	takenAt: string;
	snapshots: number;
	seconds: number;
};

/** What changed between two files; numbers are medians over their length. */
export type Diff = {
	kind: 'ctop.diff';
	before: SideOfDiff;
	after: SideOfDiff;
	contextSwitchesPerSecond: Change;
	findings: readonly FindingDiff[];
	/** The largest changes of switches first. */
	services: readonly ServiceDiff[];
};
