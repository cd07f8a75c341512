import type {Process} from '../model/process.js';
import type {Reading} from '../model/reading.js';
import type {Thread} from '../model/thread.js';

/** What a row of the table counts: a thread's own rates, or the sum of many. */
export type Rates = {
	voluntary: Reading<number>;
	involuntary: Reading<number>;
	cpu: Reading<number>;
	runQueueWait: Reading<number>;
};

/** Rates of a process (the sums over its threads) or of a thread. */
export const ratesOf = (measured: Process | Thread): Rates => ({
	voluntary: measured.voluntarySwitchesPerSecond,
	involuntary: measured.involuntarySwitchesPerSecond,
	cpu: measured.cpuPercent,
	runQueueWait: measured.runQueueWaitPercent,
});

/** Sum of two readings; one that is known counts alone, a refusal is stronger than nothing. */
export const addReadings = (a: Reading<number>, b: Reading<number>): Reading<number> => {
	if (typeof a === 'number') {
		return typeof b === 'number' ? a + b : a;
	}

	if (typeof b === 'number') {
		return b;
	}

	return a === null || b === null ? null : undefined;
};

export const addRates = (a: Rates, b: Rates): Rates => ({
	voluntary: addReadings(a.voluntary, b.voluntary),
	involuntary: addReadings(a.involuntary, b.involuntary),
	cpu: addReadings(a.cpu, b.cpu),
	runQueueWait: addReadings(a.runQueueWait, b.runQueueWait),
});

export const noRates: Rates = {
	voluntary: undefined,
	involuntary: undefined,
	cpu: undefined,
	runQueueWait: undefined,
};

/** Both kinds of switches together. */
export const switchesOf = (rates: Rates): Reading<number> =>
	addReadings(rates.voluntary, rates.involuntary);
