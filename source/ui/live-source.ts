import type {Check} from '../model/preflight.js';
import type {Snapshot} from '../model/snapshot.js';

/** Where the screen's Snapshots come from: an observer of a machine, or a file. */
export type LiveSource = {
	kind: 'live' | 'replay';
	/** Calls back with each new Snapshot; returns how to stop. */
	subscribe(listener: (snapshot: Snapshot) => void): () => void;
	intervalSeconds?: number;
	setIntervalSeconds?(seconds: number): void;
	/** Calls back with the newest pre-flight checks; returns how to stop. Missing where there are none, as in a saved file. */
	subscribeChecks?(listener: (checks: readonly Check[]) => void): () => void;
	/** Processes on screen or of interest, so that they are read first. */
	setFocus?(pids: readonly number[]): void;
};
