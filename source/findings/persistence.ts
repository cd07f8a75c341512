import type {Finding} from '../model/finding.js';
import type {Candidate} from './rule.js';

/** A finding appears when it has been true for about three seconds: timers that fire early must not make it four. */
export const appearAfterSeconds = 2.7;

/** It goes when it hasn't been true for about five. */
export const goAfterSeconds = 4.5;

/** One long interval is no proof of a long time: what was true for a moment in it fills its mean. */
const longestIntervalSeconds = 5;

type Tracked = {
	rule: string;
	candidate: Candidate;
	since: string;
	trueSeconds: number;
	falseSeconds: number;
	shown: boolean;
};

/** What one rule found in the newest Snapshot. */
export type Sighting = {
	rule: string;
	candidates: readonly Candidate[];
	/** When the Snapshot was taken, RFC 3339 UTC. */
	takenAt: string;
	intervalSeconds: number;
};

export type Persistence = {
	/**
	Takes note of what a rule found, and of what it no longer finds. Returns the candidates
	of the rule that hold: those it found, and those still shown although not found now.
	*/
	see: (sighting: Sighting) => readonly Candidate[];
	/** Forgets what is about processes that have all ended. */
	forgetEnded: (pids: ReadonlySet<number>) => void;
	/** Findings that have been true for long enough and not been false for long enough. */
	shown: () => readonly Finding[];
};

const toFinding = ({rule, candidate, since}: Tracked): Finding => {
	const {subject: _, ...rest} = candidate;
	return {rule, ...rest, since};
};

/**
Lets findings appear and go with a delay, in seconds of data whatever the interval. A
moment in which a finding isn't true takes away as much as a moment in which it is
gives, so one unlucky look doesn't start it over.
*/
export const createPersistence = (): Persistence => {
	const tracked = new Map<string, Tracked>();

	const hit = (known: Tracked, candidate: Candidate, seconds: number) => {
		known.candidate = candidate;
		known.falseSeconds = 0;
		known.trueSeconds = Math.min(known.trueSeconds + seconds, appearAfterSeconds);
		known.shown ||= known.trueSeconds >= appearAfterSeconds;
	};

	/** Whether it's worth keeping. */
	const miss = (known: Tracked, seconds: number): boolean => {
		if (known.shown) {
			known.falseSeconds += seconds;
			return known.falseSeconds < goAfterSeconds;
		}

		known.trueSeconds -= seconds;
		return known.trueSeconds > 0;
	};

	return {
		see: ({rule, candidates, takenAt, intervalSeconds}) => {
			const seconds = Math.min(intervalSeconds, longestIntervalSeconds);
			const found = new Map(
				candidates.map(candidate => [`${rule} ${candidate.subject}`, candidate]),
			);
			for (const [key, known] of tracked) {
				if (known.rule === rule && !found.has(key) && !miss(known, seconds)) {
					tracked.delete(key);
				}
			}

			for (const [key, candidate] of found) {
				const known = tracked.get(key) ?? {
					rule,
					candidate,
					since: takenAt,
					trueSeconds: 0,
					falseSeconds: 0,
					shown: false,
				};
				hit(known, candidate, seconds);
				tracked.set(key, known);
			}

			return [...tracked]
				.filter(([key, known]) => known.rule === rule && (known.shown || found.has(key)))
				.map(([, known]) => known.candidate);
		},

		forgetEnded: pids => {
			for (const [key, {candidate}] of tracked) {
				if (candidate.pids.length > 0 && !candidate.pids.some(pid => pids.has(pid))) {
					tracked.delete(key);
				}
			}
		},

		shown: () => [...tracked.values()].filter(known => known.shown).map(toFinding),
	};
};
