import type {ClosedSet} from './closed-set.js';
import type {Finding} from './finding.js';
import type {History} from './history.js';
import type {Deadlock, FileLock, RetriedLock} from './lock.js';
import type {LockTimeline} from './lock-timeline.js';
import type {Probe} from './probe.js';
import type {Process} from './process.js';
import type {Host, System} from './system.js';

/** A stretch in which nothing was measured: the observer was stopped, starved, or its terminal blocked it. */
export type Gap = {
	/** When measuring went on, RFC 3339 UTC. */
	at: string;
	seconds: number;
};

/** How the Snapshot was made and what could not be seen. */
export type Sampling = {
	/** `full`: all processes can be looked into; `own`: only those of one's own user; `open`: only what everybody may read. */
	level: 'full' | 'own' | 'open';
	/** The one step that would let it see more; missing where it sees all. */
	nextStep?: string;
	/** By name of the file under /proc/PID: how many threads or processes refused it. */
	refused: Readonly<Record<string, number>>;
	gaps: readonly Gap[];
	/** Looks at what active threads wait for, during the interval. */
	waitLooks: number;
	/** Threads whose files were read again because they had run. */
	threadsRead: number;
	/** Time that the last sweep over /proc took, and how late it began. */
	sweepMilliseconds: number;
	lateMilliseconds: number;
	/** Descriptors held on threads' files, and how many may be: what the limit of open files leaves. */
	descriptorsHeld?: number;
	descriptorLimit?: number;
	/** Threads whose files are opened and closed at each reading, which costs three times as much: no descriptor was left. */
	threadsWithoutDescriptor?: number;
	/** Threads whose two files were read so far apart, each time they were tried, that their rates may not fit together; missing when none. */
	threadsTorn?: number;
	/** In a recording: each process and thread was written every so many ticks only, in turns, to keep the file small; missing: in each. */
	recordedEvery?: number;
	ownPid: number;
	ownCpuPercent?: number;
	ownRssBytes?: number;
	/** Share of the interval that the observer was ready to run but had no CPU; 100 = all of it. */
	ownRunQueueWaitPercent?: number;
	/** Since the observer got too little CPU to do its work, it runs before all ordinary programs; see sched(7). */
	ownPriority?: 'real-time';
};

/** What was taken out of the Snapshot before anybody could read it. Environments of processes are never read. */
export type Privacy = {
	/** Passwords, tokens and credentials in arguments: `***` stands in their place. */
	secrets: 'masked';
	/** Whether arguments, paths, and names of users and hosts are as they were, or replaced by tokens: the same one for the same text. */
	identities: 'kept' | 'replaced';
};

/** All that ctop knows about the machine at one moment; the type and the JSON file are the same thing. */
export type Snapshot = {
	/** `major.minor`: a reader accepts any minor of its major. */
	schemaVersion: string;
	kind: 'ctop.snapshot';
	tool: {name: string; version: string};
	/** Missing in files of versions that masked nothing. */
	privacy?: Privacy;
	/** What the person who kept it wrote about it. */
	note?: string;
	host: Host;
	/** RFC 3339 UTC. */
	takenAt: string;
	/** Between this sample and the one before; missing in the first, which has no rates. */
	intervalSeconds?: number;
	/** Since the observer began. */
	observedSeconds: number;
	sampling: Sampling;
	system: System;
	processes: readonly Process[];
	/** Missing when there are none. */
	deadlocks?: readonly Deadlock[];
	/** Processes in which nobody is left to wake the others, by pipes and the like too; missing when there are none. */
	closedSets?: readonly ClosedSet[];
	/** Locks on files that somebody waits for; missing when there are none. */
	fileLocks?: readonly FileLock[];
	/** Those that are tried again and again instead; missing when there are none. */
	retriedLocks?: readonly RetriedLock[];
	/** Of the process whose detail is open; missing when none is. */
	timeline?: LockTimeline;
	findings: readonly Finding[];
	/** Why no diagnosis can be given yet or for some of the processes; empty when enough was seen. */
	notSeen: readonly string[];
	/** Closer looks at single processes that a person asked for, newest last; missing when there were none. */
	probes?: readonly Probe[];
	/** What was before; missing where nothing was, and in recordings, which hold it themselves. */
	history?: History;
};

export const schemaVersion = '1.0';
