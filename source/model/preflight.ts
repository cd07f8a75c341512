import type {Fix} from './finding.js';
import type {Reading} from './reading.js';

/** `watch`: not yet a fault, but it will be one or it costs; `unknown`: it could not be seen, for the reason given. */
export type Verdict = 'ok' | 'watch' | 'bad' | 'unknown';

/** From which value on a measurement is no longer fine. `below`: small values are the bad ones. */
export type Threshold = {
	watch?: number;
	bad?: number;
	side: 'above' | 'below';
};

/** One measured number, what it is held against, and where it was read. */
export type Measurement = {
	what: string;
	/** Null: refused. Missing: not there on this kernel, or not seen yet. */
	value?: Reading<number | string>;
	/** `%`, `bytes`, `/s`…; an empty text where there is none. */
	unit: string;
	threshold?: Threshold;
	/** What the value is against its threshold; missing where it has none. */
	verdict?: Verdict;
	source: string;
};

/** One of the pre-flight's checks: a verdict, the numbers that it rests on, and what to do. */
export type Check = {
	/** Stable name, such as `disks`. */
	id: string;
	title: string;
	verdict: Verdict;
	/** One line that says how it stands. */
	summary: string;
	/** What could not be seen, and why; always there when the verdict is `unknown`. */
	reason?: string;
	/** Those that decided the verdict come first. */
	measurements: readonly Measurement[];
	/** A table or a list as text lines, such as the mounts or the lines of vmstat. */
	details: readonly string[];
	fixes: readonly Fix[];
};

/** All checks of one look, as it is written to a file. */
export type Preflight = {
	/** `major.minor`: a reader accepts any minor of its major. */
	schemaVersion: string;
	kind: 'ctop.preflight';
	tool: {name: string; version: string};
	host: {name: string; kernel: string};
	/** RFC 3339 UTC. */
	takenAt: string;
	/** How long rates and trends were watched. */
	observedSeconds: number;
	/** The worst of the checks' verdicts; `unknown` counts less than `watch`. */
	verdict: Verdict;
	checks: readonly Check[];
};
