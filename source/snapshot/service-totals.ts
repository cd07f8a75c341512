import type {Process} from '../model/process.js';
import type {ServiceTotals} from '../model/service-totals.js';
import type {Snapshot} from '../model/snapshot.js';
import {whatItRuns} from './what-it-runs.js';

export const rateNames = [
	'switchesPerSecond',
	'voluntarySwitchesPerSecond',
	'involuntarySwitchesPerSecond',
	'cpuPercent',
	'runQueueWaitPercent',
] as const satisfies readonly (keyof ServiceTotals)[];

const ratesOf = (process: Process): Partial<Record<(typeof rateNames)[number], number>> => {
	const {voluntarySwitchesPerSecond: voluntary, involuntarySwitchesPerSecond: involuntary} =
		process;
	const known = {
		voluntarySwitchesPerSecond: voluntary,
		involuntarySwitchesPerSecond: involuntary,
		cpuPercent: process.cpuPercent,
		runQueueWaitPercent: process.runQueueWaitPercent,
		switchesPerSecond:
			typeof voluntary === 'number' || typeof involuntary === 'number'
				? (voluntary ?? 0) + (involuntary ?? 0)
				: undefined,
	};
	return Object.fromEntries(Object.entries(known).filter(([, value]) => typeof value === 'number'));
};

/** Processes by what they run: forty workers are one service. */
export const serviceTotals = ({
	processes,
}: Pick<Snapshot, 'processes'>): Map<string, ServiceTotals> => {
	const totals = new Map<string, ServiceTotals>();
	for (const process of processes) {
		const name = whatItRuns(process);
		const known = totals.get(name) ?? {name, processes: 0, threads: 0};
		totals.set(name, known);
		known.processes++;
		known.threads += process.threadCount;
		for (const [key, value] of Object.entries(ratesOf(process))) {
			const rate = key as (typeof rateNames)[number];
			known[rate] = (known[rate] ?? 0) + value;
		}
	}

	return totals;
};
