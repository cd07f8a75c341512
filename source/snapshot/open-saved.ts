import type {Snapshot} from '../model/snapshot.js';
import {isGzip, openRecording, type Recording} from './read-recording.js';
import {parseSnapshot, readBytes} from './read-snapshot.js';

/** What a file holds: one moment, or many. */
export type Saved =
	| {kind: 'snapshot'; snapshot: Snapshot}
	| {kind: 'recording'; recording: Recording};

/** Opens a file that ctop wrote; throws UnreadableSnapshot, with a line for a person, when it is none. */
export const openSaved = (file: string): Saved => {
	const bytes = readBytes(file);
	return isGzip(bytes)
		? {kind: 'recording', recording: openRecording(file, bytes)}
		: {kind: 'snapshot', snapshot: parseSnapshot(file, bytes.toString('utf8'))};
};

/** All Snapshots of a file, in their order; only some of them are in memory at a time. */
export const savedSnapshots = function* (saved: Saved): Generator<Snapshot, void, undefined> {
	if (saved.kind === 'snapshot') {
		yield saved.snapshot;
		return;
	}

	for (const index of saved.recording.parts.keys()) {
		yield* saved.recording.readPart(index);
	}
};
