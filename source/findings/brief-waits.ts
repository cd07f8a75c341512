import type {Process} from '../model/process.js';
import type {Thread} from '../model/thread.js';
import {isElsewhereAsleep} from './lock-fight-shape.js';
import {isInKernel, orZero, sum, switchesOf} from './thread-facts.js';
import {activeThreads} from './thread-marks.js';
import {meanWaiting} from './wait-facts.js';

/** Two threads that fight are hardly ever seen asleep, 3 to 6 % of looks, yet they switch thousands of times a second. */
const fewestBriefWaiters = 0.03;
const switchesOfBriefWaits = 3000;

/** Or they come back from the kernel at once, each with a CPU of its own: then those calls are what the kernel's share of their CPU is. */
const systemShareOfBriefWaits = 0.25;
const leastCpuOfBriefWaits = 30;

/** A thread that has so much less of both CPU and switches than the busiest has no part in it, such as one that only counts seconds. */
const leastPart = 0.1;

const canBeBrief = (process: Process, threads: readonly Thread[]): boolean =>
	sum(threads, switchesOf) >= switchesOfBriefWaits ||
	(orZero(process.cpuPercent) >= leastCpuOfBriefWaits &&
		isInKernel(process, systemShareOfBriefWaits));

const cpuOf = (thread: Thread): number => orZero(thread.cpuPercent);

const withPart = (threads: readonly Thread[]): readonly Thread[] => {
	const cpu = threads.reduce((most, thread) => Math.max(most, cpuOf(thread)), 0) * leastPart;
	const switches =
		threads.reduce((most, thread) => Math.max(most, switchesOf(thread)), 0) * leastPart;
	return threads.filter(thread => cpuOf(thread) >= cpu || switchesOf(thread) >= switches);
};

/** Whether so few threads on average, at a lock when they were looked at, are what these threads switch for all the same. */
export const areBriefWaits = (
	process: Process,
	threads: readonly Thread[],
	waiters: number,
): boolean =>
	waiters >= fewestBriefWaiters &&
	canBeBrief(process, threads) &&
	meanWaiting(withPart(threads), isElsewhereAsleep(process)) < waiters;

/** Whether a process may have waits that a second's looks are too few for: threads seen asleep elsewhere most of the time switch because of that. */
export const mayHideBriefWaits = (process: Process): boolean => {
	if (!canBeBrief(process, process.threads)) {
		return false;
	}

	const threads = withPart(activeThreads(process.threads));
	return meanWaiting(threads, isElsewhereAsleep(process)) < threads.length / 4;
};
