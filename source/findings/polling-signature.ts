import type {Process} from '../model/process.js';
import type {Thread} from '../model/thread.js';
import {hasOneLock, isHousekeeping} from './runtime-waits.js';
import {
	areWaitsRefused,
	cpuMicrosecondsPerSwitch,
	orZero,
	sleepMillisecondsPerWake,
	sum,
	wakesOf,
} from './thread-facts.js';
import {isAnyWaiting, waitingIn} from './thread-marks.js';

/** Time limits that people write, in milliseconds. */
const usualLimits = [1, 2, 5, 10, 15, 20, 25, 30, 40, 50, 100, 200, 250];

/** A sleep is as long as asked for and the timer's slack; the clock of a timerfd does not wait for who is late. */
const tolerance = {shorterShare: 0.1, longerShare: 0.07, longerMilliseconds: 0.5};

/** As many threads, all alike, are no chance. Measured on a machine with ten threads for each CPU: 0.01 to 0.03. */
const fewestThreads = 4;
const mostVariation = 0.05;
const leastWakesOfEach = 3;

/** Measured pollers take 7 to 43 µs a wake. */
const mostMicroseconds = 60;

/** So many alike are no chance whatever their time limit is. */
const manyThreads = {threads: 8, leastMilliseconds: 3, mostCpuPercent: 40};

/**
Of a crowd each runtime's own hand-over makes some wakes more: measured 0.05 to 0.1; in an interpreter with one lock, for which those
queue up that wake at the same moment, one wake more for two to five, not the same for all: 0.1 to 0.15.
*/
const crowd = {threads: 16, mostVariation: 0.12, mostVariationWithOneLock: 0.18};

/**
Threads that wake one another, for a lock or for work, put each other aside: measured 0.1 to 0.5 involuntary switches for each
voluntary one. A timer wakes whoever is idle: 0.01 to 0.07.
*/
const mostPutAside = 0.09;

/** Of a crowd that goes to sleep at the same moment many wake at the same moment: measured 0.03 to 0.1; with one lock for all 0.08 to 0.18. */
const mostPutAsideInCrowd = {any: 0.12, withOneLock: 0.22};

/** Where packets come in, clients that think for a while after each answer sleep as alike, and wake as often again for the answers. */
const mostSegmentsPerWake = 0.15;

/** Those that wake as often as half of the others together hand out their work. */
const feederShare = 0.4;

const isUsualLimit = (milliseconds: number): boolean =>
	usualLimits.some(limit => {
		const {shorterShare, longerShare, longerMilliseconds} = tolerance;
		return (
			milliseconds >= limit * (1 - shorterShare) &&
			milliseconds <= limit * (1 + longerShare) + longerMilliseconds
		);
	});

const isSlight = (thread: Thread): boolean =>
	orZero(thread.voluntarySwitchesPerSecond) >= leastWakesOfEach &&
	(cpuMicrosecondsPerSwitch(thread) ?? Number.POSITIVE_INFINITY) <= mostMicroseconds;

const vaguely = waitingIn('other');

/** The call may be anything's, such as read(2), and the kernel's own name for the sleep tells no more: a timerfd is one of these. */
const isVague = ({waits, wait}: Thread): boolean => (waits?.[0] ?? wait)?.kind === 'other';

/** Go's timers wake threads that belong to one goroutine each through another thread, and park them on a futex without a time limit. */
const isParkedByGo = ({waits, wait}: Thread): boolean => {
	const main = waits?.[0] ?? wait;
	return main?.kind === 'futex' && main.timed !== true;
};

/**
Threads that look from outside as if a timer woke them, where nobody can tell what they wait for: four and more that sleep equally
long each time, as long as time limits are that people write, do hardly any work, and have nobody who could be handing it out.
Empty otherwise. `tcpSegmentsPerSecond`: what the machine received, whomever it was for.
*/
export const pollersByRates = (
	process: Process,
	isExplained: (tid: number) => boolean,
	tcpSegmentsPerSecond = 0,
): readonly Thread[] => {
	const refused = areWaitsRefused(process);
	const isGo = process.runtime?.name === 'go';
	if (!refused && !isGo && !isAnyWaiting(process.threads, vaguely)) {
		return [];
	}

	const slight = process.threads.filter(
		thread =>
			(refused || isVague(thread) || (isGo && isParkedByGo(thread))) &&
			isSlight(thread) &&
			!isHousekeeping(process, thread) &&
			!isExplained(thread.tid),
	);
	if (slight.length < fewestThreads) {
		return [];
	}

	const sleepOf = (thread: Thread): number => sleepMillisecondsPerWake(thread) ?? 0;
	const sorted = slight.toSorted((one, other) => sleepOf(one) - sleepOf(other));
	const median = sleepOf(sorted[Math.floor(sorted.length / 2)]!);
	if (isGo && !refused && slight.length < crowd.threads) {
		return [];
	}

	const isOfOneLock = hasOneLock(process);
	const variationInCrowd = isOfOneLock ? crowd.mostVariationWithOneLock : crowd.mostVariation;
	const variation = slight.length >= crowd.threads ? variationInCrowd : mostVariation;
	const alike = slight.filter(thread => Math.abs(sleepOf(thread) - median) <= median * variation);
	const isCrowd =
		alike.length >= manyThreads.threads &&
		median >= manyThreads.leastMilliseconds &&
		sum(alike, ({cpuPercent}) => orZero(cpuPercent)) <= manyThreads.mostCpuPercent;
	const total = sum(alike, wakesOf);
	const mostInCrowd = isOfOneLock ? mostPutAsideInCrowd.withOneLock : mostPutAsideInCrowd.any;
	const most = isCrowd && alike.length >= crowd.threads ? mostInCrowd : mostPutAside;
	const putAside = sum(alike, thread => orZero(thread.involuntarySwitchesPerSecond));
	// Go's own scheduler is what wakes each of them, from one thread to the next.
	const isManyOfGo = isGo && isCrowd && alike.length >= crowd.threads;
	const wakesOfOthers = sum(process.threads, wakesOf) - total;
	const hasFeeder = wakesOfOthers >= total * feederShare;
	return alike.length >= fewestThreads &&
		alike.length >= slight.length * 0.8 &&
		tcpSegmentsPerSecond <= total * mostSegmentsPerWake &&
		(isCrowd || isUsualLimit(median)) &&
		((isGo && (!refused || isManyOfGo)) || putAside <= total * most) &&
		(isManyOfGo || !hasFeeder)
		? alike
		: [];
};
