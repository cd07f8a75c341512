import type {Finding} from '../model/finding.js';
import type {Candidate} from './rule.js';
import {sum} from './thread-facts.js';

/** A finding appears when it has been true for about three seconds: timers that fire early must not make it four. */
export const appearAfterSeconds = 2.7;

/** Those three need not be the last: in one of four an unlucky look may have seen too little. */
const withinSeconds = 4.5;

/** It goes when it hasn't been true for about five. */
export const goAfterSeconds = 4.5;

/** One long interval is no proof of a long time: what was true for a moment in it fills its mean. */
const longestIntervalSeconds = 5;

type Interval = {seconds: number; isTrue: boolean};

type Tracked = {
	rule: string;
	candidate: Candidate;
	since: string;
	/** Whether it was true in each of the intervals of the last seconds, newest last. */
	lately: Interval[];
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
	forgetEnded: (isAlive: (pid: number) => boolean) => void;
	/** Findings that have been true for long enough and not been false for long enough. */
	shown: () => readonly Finding[];
};

const toFinding = ({rule, candidate, since}: Tracked): Finding => {
	const {subject: _, ...rest} = candidate;
	return {rule, ...rest, since};
};

/** Of processes that are in it together now one and now another does more: it goes by the first one's id as long as that is among them. */
const withSamePid = (candidate: Candidate, {pid}: Candidate): Candidate =>
	pid !== undefined && candidate.pid !== pid && candidate.pids.includes(pid)
		? {...candidate, pid}
		: candidate;

const sameOr = (ids: readonly number[], before: readonly number[]): readonly number[] =>
	ids.length === before.length && ids.every((id, index) => id === before[index]) ? before : ids;

/** The lists of before where nothing changed: the screen keeps a minute of Snapshots, and a finding may be about thousands of threads. */
const withSharedIds = (candidate: Candidate, {pids, tids}: Candidate): Candidate => ({
	...candidate,
	pids: sameOr(candidate.pids, pids),
	tids: sameOr(candidate.tids, tids),
});

const trueSeconds = ({lately}: Tracked): number =>
	sum(lately, ({seconds, isTrue}) => (isTrue ? seconds : 0));

/** Remembers one more interval, and forgets those that are too long ago. */
const remember = ({lately}: Tracked, interval: Interval): void => {
	lately.push(interval);
	while (lately.length > 1 && sum(lately, ({seconds}) => seconds) > withinSeconds) {
		lately.shift();
	}
};

/** Lets findings appear and go with a delay, in seconds of data whatever the interval. */
export const createPersistence = (): Persistence => {
	const tracked = new Map<string, Tracked>();

	const hit = (known: Tracked, candidate: Candidate, seconds: number) => {
		known.candidate = withSharedIds(withSamePid(candidate, known.candidate), known.candidate);
		known.falseSeconds = 0;
		remember(known, {seconds, isTrue: true});
		known.shown ||= trueSeconds(known) >= appearAfterSeconds;
	};

	/** Whether it's worth keeping. */
	const miss = (known: Tracked, seconds: number): boolean => {
		remember(known, {seconds, isTrue: false});
		known.falseSeconds += seconds;
		return known.shown ? known.falseSeconds < goAfterSeconds : trueSeconds(known) > 0;
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
					lately: [],
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

		forgetEnded: isAlive => {
			for (const [key, {candidate}] of tracked) {
				if (candidate.pids.length > 0 && !candidate.pids.some(isAlive)) {
					tracked.delete(key);
				}
			}
		},

		shown: () => [...tracked.values()].filter(known => known.shown).map(toFinding),
	};
};
