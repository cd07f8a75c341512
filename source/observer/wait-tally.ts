import type {Wait, WaitShare} from '../model/wait.js';

/** One wait of a thread and how often it was seen. */
export type TallyItem = {
	/** System call, and for a futex the word's address: looks that agree in both saw the same wait. */
	readonly callNumber: number;
	readonly futexAddress: number;
	wait: Wait;
	count: number;
	/** Intervals since it was seen last. */
	age: number;
};

/** What one thread was seen to wait for, over the looks of an interval. */
export type WaitTally = {
	looks: number;
	running: number;
	items: TallyItem[];
};

export const createWaitTally = (): WaitTally => ({looks: 0, running: 0, items: []});

export const findItem = (
	tally: WaitTally,
	callNumber: number,
	futexAddress: number,
): TallyItem | undefined =>
	tally.items.find(item => item.callNumber === callNumber && item.futexAddress === futexAddress);

/**
Keeps the longest time limit that was seen. Of a limit that is a point in time only what is left can be read, so that the longest
one seen comes closest to what the call was told.
*/
export const lengthenTimeout = (item: TallyItem, timeoutMilliseconds: number): void => {
	if (timeoutMilliseconds > (item.wait.timeoutMilliseconds ?? 0)) {
		item.wait = {...item.wait, timeoutMilliseconds};
	}
};

/** Shares of all looks, most frequent first; undefined when there was no look. */
export const waitShares = (tally: WaitTally): readonly WaitShare[] | undefined => {
	if (tally.looks === 0) {
		return undefined;
	}

	const shares: WaitShare[] = tally.items
		.filter(item => item.count > 0)
		.map(item => ({...item.wait, percent: (item.count / tally.looks) * 100}));
	if (tally.running > 0) {
		shares.push({kind: 'running', percent: (tally.running / tally.looks) * 100});
	}

	return shares.sort((a, b) => b.percent - a.percent);
};

const intervalsToForget = 5;

/** Begins a new interval; waits that were not seen for a while are forgotten. */
export const resetTally = (tally: WaitTally): void => {
	tally.looks = 0;
	tally.running = 0;
	for (const item of tally.items) {
		item.age = item.count > 0 ? 0 : item.age + 1;
		item.count = 0;
	}

	tally.items = tally.items.filter(item => item.age < intervalsToForget);
};
