import type {Process} from '../model/process.js';
import type {Thread} from '../model/thread.js';
import {cpuMicrosecondsPerSwitch, orZero, sum} from './thread-facts.js';

/** Time limits that people write, in milliseconds. */
const usualLimits = [1, 2, 5, 10, 20, 25, 30, 40, 50, 100, 200, 250];

/** A sleep is longer than asked for by the timer's slack, never shorter; a busy machine adds its own. */
const overshoot = {leastMilliseconds: 0.03, share: 0.1, mostMilliseconds: 0.6};

/** As many threads, all alike, are no chance. */
const fewestThreads = 4;
const mostVariation = 0.04;
const leastWakesOfEach = 3;

/** Measured pollers take 7 to 43 µs a wake. */
const mostMicroseconds = 60;

/** So many alike are no chance at any rate, and need not be as exactly alike. */
const manyThreads = {threads: 8, variation: 0.1, mostWakesOfEach: 300, mostCpuPercent: 40};

/** One that wakes as often as half of the others together hands out their work. */
const feederShare = 0.4;

const isUsualRate = (wakesPerSecond: number): boolean =>
	usualLimits.some(limit => {
		const period = 1000 / wakesPerSecond;
		const most = limit * (1 + overshoot.share) + overshoot.mostMilliseconds;
		return period >= limit + overshoot.leastMilliseconds && period <= most;
	});

const isSlight = (thread: Thread): boolean =>
	orZero(thread.voluntarySwitchesPerSecond) >= leastWakesOfEach &&
	(cpuMicrosecondsPerSwitch(thread) ?? Number.POSITIVE_INFINITY) <= mostMicroseconds;

const wakesOf = (thread: Thread): number => orZero(thread.voluntarySwitchesPerSecond);

/**
Threads that look from outside as if a timer woke them, for processes whose waits are refused: four and
more that wake equally often, at a rate that belongs to a time limit as people write them, with hardly
any work, and nobody who could be handing it out. Empty otherwise.
*/
export const pollersByRates = (
	process: Process,
	isExplained: (tid: number) => boolean,
): readonly Thread[] => {
	const slight = process.threads.filter(thread => isSlight(thread) && !isExplained(thread.tid));
	if (slight.length < fewestThreads) {
		return [];
	}

	const sorted = slight.toSorted((one, other) => wakesOf(one) - wakesOf(other));
	const median = wakesOf(sorted[Math.floor(sorted.length / 2)]!);
	const alikeWithin = (share: number) =>
		slight.filter(thread => Math.abs(wakesOf(thread) - median) <= median * share);
	const few = alikeWithin(mostVariation);
	const many = alikeWithin(manyThreads.variation);
	const isCrowd =
		many.length >= manyThreads.threads &&
		median <= manyThreads.mostWakesOfEach &&
		orZero(process.cpuPercent) <= manyThreads.mostCpuPercent;
	const alike = isCrowd ? many : few;
	const total = sum(alike, wakesOf);
	const hasFeeder = process.threads.some(
		thread => !alike.includes(thread) && wakesOf(thread) >= total * feederShare,
	);
	return alike.length >= fewestThreads &&
		alike.length >= slight.length * 0.8 &&
		(isCrowd || isUsualRate(total / alike.length)) &&
		!hasFeeder
		? alike
		: [];
};
