import {createFindingsEngine} from '../findings/engine.js';
import {rules} from '../findings/rules.js';
import type {Snapshot} from '../model/snapshot.js';

// Rules look at the last ten seconds or so.
const secondsOfHistory = 12;

/** Runs the rules over Snapshots as they come, live or recorded: the same Snapshot with its findings. */
export const createEvaluation = (): ((bare: Snapshot) => Snapshot) => {
	const engine = createFindingsEngine(rules);
	let history: readonly Snapshot[] = [];
	return bare => {
		const {findings, notSeen} = engine.evaluate([...history, bare]);
		const snapshot = {...bare, findings, notSeen};
		history = [...history, snapshot].filter(
			({observedSeconds}) => bare.observedSeconds - observedSeconds <= secondsOfHistory,
		);
		return snapshot;
	};
};
