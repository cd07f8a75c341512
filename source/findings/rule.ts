import type {Finding} from '../model/finding.js';
import type {Process} from '../model/process.js';
import type {Snapshot} from '../model/snapshot.js';
import type {ProcessGroup} from './group.js';

/** What a rule looks at. */
export type Moment = {
	/** The last few Snapshots, newest last; the newest is the one that `latest` was made from. */
	history: readonly Snapshot[];
	/** Rates and waits over at least about a second: the newest Snapshot, or the mean of the last ones where they are shorter. */
	latest: Snapshot;
	/** A process of `latest` with rates and waits over about three seconds, for waits that a second's looks are too few for. */
	overSeveralSeconds: (process: Process) => Process;
	/** Its processes as services: siblings together. Kernel threads are left out. */
	groups: readonly ProcessGroup[];
	/** Whether a finding of a rule above this one is about the thread: a cause outranks its symptoms. */
	isExplained: (tid: number) => boolean;
};

/** What a rule found, before the engine knows how long it has been so. */
export type Candidate = Omit<Finding, 'rule' | 'since'> & {
	/** With the rule the finding's identity: stays the same as long as it's the same trouble. */
	subject: string;
};

/** One diagnosis. */
export type Rule = {
	/** Stable name, such as `gil-thrash`. */
	name: string;
	/** What it is, in one line for a list. */
	summary: string;
	/** The page that explains it, as plain text. */
	explanation: string;
	/** Pure, and never throws: what is refused or missing is not found. */
	find: (moment: Moment) => readonly Candidate[];
};
