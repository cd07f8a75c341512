import type {Process} from '../model/process.js';
import type {Snapshot} from '../model/snapshot.js';
import {formatPlainNumber} from './number.js';
import {buildProcessTree, type ProcessNode} from './process-tree.js';
import {addRates, noRates, type Rates, ratesOf, switchesOf} from './rates.js';
import {processKey, type Row, threadKey} from './row.js';
import type {SortKey} from './view-options.js';

/** Rates of an earlier moment, to compare rows with. */
export type Baseline = {
	/** Of the same process, thread, group or subtree then; undefined when it wasn't there. */
	ratesThen: (row: Row) => Rates | undefined;
};

/** Width of the column, with the space behind it. */
export const factorWidth = 7;
export const factorTitle = 'xBASE';

const walk = (tops: readonly ProcessNode[], visit: (node: ProcessNode) => void): void => {
	const pending = [...tops];
	for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
		visit(node);
		pending.push(...node.children);
	}
};

const index = ({processes}: {processes: readonly Process[]}): Baseline => {
	const subtrees = new Map<string, Rates>();
	const own = new Map<string, Rates>();
	walk(buildProcessTree(processes), ({process, rates, ownRates}) => {
		subtrees.set(processKey(process), rates);
		own.set(processKey(process), ownRates);
		for (const thread of process.threads) {
			own.set(threadKey(thread), ratesOf(thread));
		}
	});
	return {
		ratesThen(row) {
			if (row.kind === 'process') {
				return (row.hiddenProcesses > 0 ? subtrees : own).get(row.key);
			}

			if (row.kind === 'thread') {
				return own.get(row.key);
			}

			const known = row.group.threads.flatMap(thread => own.get(threadKey(thread)) ?? []);
			return known.length === 0 ? undefined : known.reduce(addRates, noRates);
		},
	};
};

const baselines = new WeakMap<Snapshot, Baseline>();

/** A Snapshot to compare with; made once for each. */
export const baselineOf = (snapshot: Snapshot): Baseline => {
	const baseline = baselines.get(snapshot) ?? index(snapshot);
	baselines.set(snapshot, baseline);
	return baseline;
};

const rateOf = (rates: Rates, sort: SortKey): number | undefined => {
	const {voluntary, involuntary, runQueueWait, cpu} = rates;
	const byKey: Partial<Record<SortKey, number | null | undefined>> = {
		voluntary,
		involuntary,
		'run-queue-wait': runQueueWait,
		cpu,
	};
	return (sort in byKey ? byKey[sort] : switchesOf(rates)) ?? undefined;
};

/**
By what factor the rate that the table is sorted by (all switches, when it is sorted by pid) differs from then: `x71`, `x0.02`; `new`
when it wasn't there, `from 0` when it did nothing then, `-` when it isn't known.
*/
export const factorText = (now: Rates, then: Rates | undefined, sort: SortKey): string => {
	if (then === undefined) {
		return 'new';
	}

	const [before, after] = [rateOf(then, sort), rateOf(now, sort)];
	if (before === undefined || after === undefined) {
		return '-';
	}

	if (before === 0) {
		return after === 0 ? '.' : 'from 0';
	}

	const factor = after / before;
	return factor > 0 && factor < 0.095 ? `x${factor.toFixed(2)}` : `x${formatPlainNumber(factor)}`;
};
