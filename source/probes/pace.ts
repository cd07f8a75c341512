import {probeBudget} from '../model/probe.js';

const duty = probeBudget.cpuPercent / 100;
const dutyAtCrowd = probeBudget.cpuPercentAtCrowd / 100;
const shortestMilliseconds = 10;
const longestMilliseconds = 50;
/** With many threads that all run: better seldom than expensive. */
const mostMilliseconds = 2000;
/** Whether there are so many threads that not all their stacks can be read within the budget. */
export const isCrowd = (threads: number, seconds: number): boolean =>
	threads > seconds * probeBudget.crowdPerSecond;

/** Time from the end of a round to the next one, after one that took so many milliseconds of CPU. */
export const restAfterRound = (round: number, usedMilliseconds: number): number => {
	// The first round reads symbols and tables that later ones find ready.
	const wanted = round === 0 ? 0 : usedMilliseconds / duty;
	return Math.min(
		mostMilliseconds,
		Math.max(wanted, wanted > longestMilliseconds ? longestMilliseconds : shortestMilliseconds),
	);
};

export type Slice = {
	/** Counted from 0. */
	round: number;
	/** How much of the round is done, from 0 to 1. */
	share: number;
	/** How much of the probe's time is over, from 0 to 1. */
	over: number;
	/** Of the CPU, and on the clock, since the last rest. */
	usedMilliseconds: number;
	elapsedMilliseconds: number;
};

/**
Time to rest amidst a round over a crowd. Each thread is to be seen, in the first half of the probe's time: the first round doesn't rest
when it is late. Those after it, which tell who ran, get as far as the budget goes.
*/
export const restInRound = ({
	round,
	share,
	over,
	usedMilliseconds,
	elapsedMilliseconds,
}: Slice): number => {
	const isLate = round === 0 && over > share / 2;
	return isLate ? 0 : Math.max(0, usedMilliseconds / dutyAtCrowd - elapsedMilliseconds);
};
