import type {Check} from '../model/preflight.js';
import type {Probe} from '../model/probe.js';
import type {Snapshot} from '../model/snapshot.js';

/** Where in a recording the screen is. */
export type Position = {
	/** Counted from 0. */
	index: number;
	count: number;
	isPlaying: boolean;
	/** 2 = twice as fast as it happened. */
	speed: number;
	/** What there is to say about it, such as that it is the end. */
	note?: string;
};

/** Moves in a recording; where it is then comes with the next Snapshot. */
export type Player = {
	/** So many records on, or back; it stops playing. */
	step(by: number): void;
	togglePlaying(): void;
	/** 1: faster, -1: slower. */
	changeSpeed(by: 1 | -1): void;
	/** To where a finding appears that wasn't there before; it stops playing. */
	toNextFinding(): void;
};

/** Where the screen's Snapshots come from: an observer of a machine, or a file. */
export type LiveSource = {
	kind: 'live' | 'replay';
	/** Calls back with each new Snapshot, of a recording with its place in it; returns how to stop. */
	subscribe(listener: (snapshot: Snapshot, position?: Position) => void): () => void;
	/** Of a recording alone. */
	player?: Player;
	intervalSeconds?: number;
	setIntervalSeconds?(seconds: number): void;
	/** Asks for the checks at once: somebody wants to see them. */
	requestChecks?(): void;
	/** Calls back with the newest pre-flight checks; returns how to stop. Missing where there are none, as in a saved file. */
	subscribeChecks?(listener: (checks: readonly Check[]) => void): () => void;
	/** Looks at one process closely; `onProgress` is told how much of the time is over, from 0 to 1. Missing in a saved file. */
	probe?(
		pid: number,
		seconds: number,
		onProgress: (share: number, what: string) => void,
	): Promise<Probe>;
	/** Ends the look that is under way. */
	stopProbe?(): void;
	/** Processes on screen or of interest, so that they are read first, and threads that rows are about. */
	setFocus?(pids: readonly number[], tids: readonly number[]): void;
	/** Process to make a timeline of, which then comes with the Snapshots; undefined ends it. */
	setTimeline?(pid: number | undefined): void;
};
