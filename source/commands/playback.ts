import type {Finding} from '../model/finding.js';
import type {Snapshot} from '../model/snapshot.js';
import type {Recording} from '../snapshot/read-recording.js';
import {createEvaluation} from './evaluate.js';

/** Records before the wanted one that the rules see, so that they know how long something has been so. */
const warmUpRecords = 60;
const partsKept = 3;
const evaluatedKept = 300;

/** Moments of a recording by number, each with what today's rules find. */
export type Playback = {
	readonly count: number;
	at: (index: number) => Snapshot;
};

const sameFinding = (one: Finding) => (other: Finding) =>
	one.rule === other.rule && one.pid === other.pid;

/** Of a finding that began before the part of the recording that was looked at, the recording knows since when. */
const withRecordedSince = (snapshot: Snapshot, recorded: Snapshot): Snapshot => ({
	...snapshot,
	findings: snapshot.findings.map(finding => {
		const known = recorded.findings.find(sameFinding(finding));
		return known !== undefined && known.since < finding.since
			? {...finding, since: known.since}
			: finding;
	}),
});

const forgetOldest = (cache: Map<number, unknown>, most: number): void => {
	for (const key of cache.keys()) {
		if (cache.size <= most) {
			return;
		}

		cache.delete(key);
	}
};

/** Evaluates a recording record by record; one that is far from the last is reached by way of those shortly before it. */
export const createPlayback = ({count, parts, readPart}: Recording): Playback => {
	const decoded = new Map<number, readonly Snapshot[]>();
	const evaluated = new Map<number, Snapshot>();
	let evaluate = createEvaluation();
	let next = 0;

	const recordedAt = (index: number): Snapshot => {
		const part = parts.findIndex(({first, count: size}) => index < first + size);
		let snapshots = decoded.get(part);
		if (snapshots === undefined) {
			snapshots = readPart(part);
			decoded.set(part, snapshots);
			forgetOldest(decoded, partsKept);
		}

		return snapshots[index - parts[part]!.first]!;
	};

	return {
		count,
		at(index) {
			const known = evaluated.get(index);
			if (known !== undefined) {
				return known;
			}

			if (index < next || index - next > warmUpRecords) {
				evaluate = createEvaluation();
				next = Math.max(0, index - warmUpRecords);
			}

			for (; next <= index; next++) {
				const recorded = recordedAt(next);
				evaluated.set(next, withRecordedSince(evaluate(recorded), recorded));
			}

			forgetOldest(evaluated, evaluatedKept);
			return evaluated.get(index)!;
		},
	};
};
