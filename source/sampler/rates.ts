import {isKnown, type Reading} from '../model/reading.js';

/**
Change of a counter per second; undefined when there is none: no time passed, or the counter went back because the id belongs
to another task now.
*/
export const ratePerSecond = (
	before: number,
	after: number,
	elapsedSeconds: number,
): number | undefined =>
	elapsedSeconds > 0 && after >= before ? (after - before) / elapsedSeconds : undefined;

const nanosecondsPerSecond = 1e9;

/**
Share of the time that a thread spent in a state whose nanoseconds are counted; 100 = all of it. The kernel books time late
(at a tick, or when a waiting thread gets its CPU), so that a reading can hold some of an earlier interval: a thread can't have
more than all of it.
*/
export const sharePercent = (
	beforeNanoseconds: number,
	afterNanoseconds: number,
	elapsedSeconds: number,
): number | undefined => {
	const rate = ratePerSecond(beforeNanoseconds, afterNanoseconds, elapsedSeconds);
	return rate === undefined ? undefined : Math.min(100, (rate / nanosecondsPerSecond) * 100);
};

/** Adds up what is known; null when nothing is and something was refused, undefined when nothing is there. */
export const addReading = (sum: Reading<number>, value: Reading<number>): Reading<number> => {
	if (isKnown(value)) {
		return (sum ?? 0) + value;
	}

	return sum === undefined ? value : sum;
};
