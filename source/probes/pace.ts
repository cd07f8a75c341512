import {probeBudget} from '../model/probe.js';

/** What looks at threads cost as far as it was measured, in milliseconds of CPU. */
export type LookCosts = {
	/** One look without a stack, on average over those that slept on and those that ran. */
	look: number;
	/** A stack beyond that. */
	stack: number;
	/** Looks in a round, and those of them after which a stack would be welcome. */
	looksPerRound: number;
	wantedPerRound: number;
	/** Share of one CPU that the probe may take. */
	duty: number;
};

/** What was used of the CPU, and what is still to come that can't be put off. */
export type Spent = {
	usedMilliseconds: number;
	elapsedMilliseconds: number;
	/** Of what was used: what came once, as the tables of a program do; it is made up for over all of the time. */
	onceMilliseconds: number;
	/** What the end of the probe is going to take. */
	endMilliseconds: number;
	/** How long the probe is going to take. */
	wholeMilliseconds: number;
	/** Share of one CPU that it may take. */
	duty: number;
};

/** What it may take of one CPU however few threads run. */
export const leastDuty = probeBudget.cpuPercent / 100;
const mostDuty = probeBudget.mostCpuPercent / 100;
const shortestMilliseconds = 1000 / probeBudget.mostLooksPerSecond;
const longestMilliseconds = 1000 / probeBudget.leastLooksPerSecond;
/** Looks get at least so much of the budget: where what comes once would take the rest, the probe takes longer. */
const leastShareOfLooks = 0.25;
/** Where twenty rounds a second with all stacks can't be had, these get so much of the time that waits take. */
const shareOfStacks = 1 / 3;
/** What is due next is looked at in the next round, which may be as far away again. */
const shortestRest = longestMilliseconds / 2;
/** Threads that sleep on may take so much of the budget. */
const shareOfSleepers = 0.35;
/** Threads that ran lately may take so much of it amidst a round over all, and are to take somewhat less. */
const shareOfMovers = 0.65;
const shareForMovers = 0.6;
/** It is looked at less often the longer it sleeps: what it goes to next is seen late by no more than a part of that. */
const restsInSleep = 4;
/** How long a probe takes that was to take so long: longer, where what has to be done doesn't fit into the budget otherwise. */
export const wholeTime = (
	wantedMilliseconds: number,
	{
		usedMilliseconds,
		onceMilliseconds,
		endMilliseconds,
		duty,
	}: Pick<Spent, 'usedMilliseconds' | 'onceMilliseconds' | 'endMilliseconds' | 'duty'>,
): number =>
	Math.max(
		wantedMilliseconds,
		(onceMilliseconds + endMilliseconds) / (duty * (1 - leastShareOfLooks)),
		(usedMilliseconds + endMilliseconds) / duty,
	);

/** Time to rest until what was used is within the budget; 0 where it is. */
export const restWithinBudget = ({
	usedMilliseconds,
	elapsedMilliseconds,
	onceMilliseconds,
	endMilliseconds,
	wholeMilliseconds,
	duty,
}: Spent): number => {
	const forLooks = duty - (onceMilliseconds + endMilliseconds) / wholeMilliseconds;
	const rate = Math.max(duty * leastShareOfLooks, forLooks);
	return Math.max(0, (usedMilliseconds - onceMilliseconds) / rate - elapsedMilliseconds);
};

/** Time to rest amidst the first round: what it takes is made up for later, so that all threads are known soon. */
export const restInFirstRound = (usedMilliseconds: number, elapsedMilliseconds: number): number =>
	Math.max(0, usedMilliseconds / mostDuty - elapsedMilliseconds);

/** Time from the end of a round to the next one. */
export const restAfterRound = (roundMilliseconds: number, spent: Spent): number =>
	Math.max(shortestMilliseconds - roundMilliseconds, restWithinBudget(spent));

/** Rounds are not all equally long: with stacks they are to take so much of the longest time on average. */
const shareOfRound = 0.6;

/** Which share of the looks that could do with a stack get one: all of them where that leaves twenty rounds a second and more. */
export const stackChance = ({
	look,
	stack,
	looksPerRound,
	wantedPerRound,
	duty,
}: LookCosts): number => {
	const waits = look * looksPerRound;
	const left = Math.max(duty * longestMilliseconds * shareOfRound - waits, waits * shareOfStacks);
	return Math.min(1, left / Math.max(Number.MIN_VALUE, stack * wantedPerRound));
};

/**
Until when a thread that sleeps on isn't looked at: what it did meanwhile is known as long as it didn't run. No longer than it takes to
look at all threads with the sleepers' part of the budget; where that is enough for it, next time in time for twenty looks a second.
*/
export const restOfSleeper = (
	asleepMilliseconds: number,
	threads: number,
	{look, duty}: Pick<LookCosts, 'look' | 'duty'>,
): number =>
	Math.min(
		asleepMilliseconds / restsInSleep,
		Math.max(shortestRest, (threads * look) / (duty * shareOfSleepers)),
	);

/** Time from one look at the threads that ran lately to the next one, amidst a round over all. */
export const restBetweenMovers = longestMilliseconds;

/** Whether they are so few that twenty looks a second at them leave most of the budget for the others. */
export const isForMovers = (
	movers: number,
	{look, duty}: Pick<LookCosts, 'look' | 'duty'>,
): boolean => movers * look < duty * longestMilliseconds * shareOfMovers;

/** What it may take of one CPU when so many threads run: enough for twenty looks a second at each, as far as that is bearable. */
export const dutyFor = (movers: number, {look}: Pick<LookCosts, 'look'>): number =>
	Math.min(mostDuty, Math.max(leastDuty, (movers * look) / (longestMilliseconds * shareForMovers)));

/** Whether two looks so far apart are as close as is asked for. */
export const isClose = (milliseconds: number): boolean => milliseconds <= longestMilliseconds;

/** Threads for each second of the probe whose switches are counted at first and in the end, for a twentieth of the budget. */
const countedPerSecond = 100;
export const countsSwitches = (threads: number, seconds: number): boolean =>
	threads <= seconds * countedPerSecond;

/** What the end takes for each thread: a little, and where they are still to be read its switches or its name. */
const endMicroseconds = {each: 20, switches: 35, name: 30};

/** What the end of a probe is going to take, in milliseconds. `checkMilliseconds`: what the last look at its locks took. */
export const timeOfEnd = ({
	threads,
	seconds,
	knowsNames,
	checkMilliseconds,
}: {
	threads: number;
	seconds: number;
	knowsNames: boolean;
	checkMilliseconds: number;
}): number => {
	const {each, switches, name} = endMicroseconds;
	const ofEach = each + (countsSwitches(threads, seconds) ? switches : 0) + (knowsNames ? 0 : name);
	// Locks are updated and told in the end, which takes as long as a check each.
	return 2 * checkMilliseconds + (threads * ofEach) / 1000;
};
