import type {Finding} from '../model/finding.js';
import {ageMemos} from '../model/memo.js';
import type {Process} from '../model/process.js';
import type {Snapshot} from '../model/snapshot.js';
import {groupProcesses} from './group.js';
import {describeNotSeen} from './not-seen.js';
import {bySeverity} from './parts.js';
import {appearAfterSeconds, createPersistence, type Persistence} from './persistence.js';
import {lastSecond, overSeveralSeconds, processesByPid} from './recent.js';
import type {Moment, Rule} from './rule.js';
import {carryMarks} from './thread-marks.js';

export type Evaluation = {
	/** Most severe first, then the costliest. */
	findings: readonly Finding[];
	/** Why no diagnosis can be given yet, or for some processes. */
	notSeen: readonly string[];
};

export type FindingsEngine = {
	/**
	Findings at the newest Snapshot of a short history (the last ten or so, newest last).
	Snapshots that it has seen before are not counted again; an older newest one than last
	time (someone stepped back in a recording) starts afresh from this history.
	*/
	evaluate: (history: readonly Snapshot[]) => Evaluation;
};

const compare = (one: Finding, other: Finding): number =>
	bySeverity(one, other) ||
	(other.cost.switchesPerSecond ?? 0) - (one.cost.switchesPerSecond ?? 0) ||
	(other.cost.runQueueWaitPercent ?? 0) - (one.cost.runQueueWaitPercent ?? 0);

/** Takes the newest Snapshot of the history into account. */
const advance = (
	rules: readonly Rule[],
	persistence: Persistence,
	history: readonly Snapshot[],
): void => {
	const newest = history.at(-1);
	if (newest?.intervalSeconds === undefined) {
		return;
	}

	const latest = lastSecond(history);
	ageMemos();
	carryMarks(latest.processes, history.at(-2)?.processes ?? []);
	const explained = new Set<number>();
	const several = new Map<Process, Process>();
	const moment: Moment = {
		history,
		latest,
		overSeveralSeconds: process => {
			const known = several.get(process) ?? overSeveralSeconds(history, process);
			several.set(process, known);
			return known;
		},
		groups: groupProcesses(latest.processes),
		isExplained: tid => explained.has(tid),
	};
	for (const rule of rules) {
		const holding = persistence.see({
			rule: rule.name,
			candidates: rule.find(moment),
			takenAt: newest.takenAt,
			intervalSeconds: newest.intervalSeconds,
		});
		for (const {tids} of holding) {
			for (const tid of tids) {
				explained.add(tid);
			}
		}
	}

	const alive = processesByPid(newest);
	persistence.forgetEnded(pid => alive.has(pid));
};

/**
Runs rules over Snapshots as they come. Rules that stand first explain threads away from
those behind them. The same Snapshots in the same order always give the same findings.
*/
export const createFindingsEngine = (rules: readonly Rule[]): FindingsEngine => {
	let persistence = createPersistence();
	let observedSeconds = Number.NEGATIVE_INFINITY;

	return {
		evaluate: history => {
			const newest = history.at(-1);
			if (newest !== undefined && newest.observedSeconds < observedSeconds) {
				persistence = createPersistence();
				observedSeconds = Number.NEGATIVE_INFINITY;
			}

			for (const [index, snapshot] of history.entries()) {
				// The observer's own clock: wall clocks are set while one watches.
				if (snapshot.observedSeconds > observedSeconds) {
					observedSeconds = snapshot.observedSeconds;
					advance(rules, persistence, history.slice(0, index + 1));
				}
			}

			const findings = [...persistence.shown()].sort(compare);
			return {findings, notSeen: describeNotSeen(history, findings, appearAfterSeconds)};
		},
	};
};
