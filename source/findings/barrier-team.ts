import type {Process} from '../model/process.js';
import type {Thread} from '../model/thread.js';
import {closedTeamOf} from './closed-team.js';
import {
	areWaitsRefused,
	isInKernel,
	orZero,
	sharesOf,
	someWait,
	sum,
	wakesOf,
	wantedCpuPercent,
} from './thread-facts.js';
import {isAnyBlocked} from './thread-marks.js';
import {isLockWait, isRunning, isUntimedFutex, type MatchWait} from './wait-facts.js';

/** Fewer are as many as most machines have CPUs. */
const fewestThreads = 3;

/**
Measured of ten threads on two CPUs: 70 to 80; those that wait for a lock sleep for most of the time. Pieces that are over before the kernel
takes the CPU away are done one after the other: half of the threads wait for a CPU then, and no CPU is ever idle.
*/
const meanRunnablePercent = {any: 55, withAllCpus: 40};

/**
CPU from one sleep to the next, measured 2400 µs; threads that hand small jobs around take 5 to 250. Less where nearly all of them are ready to run
all the time, and none of it is the kernel's work: measured 364 µs of sixteen that share a filter's rows, each ready for 87 %.
*/
const leastMicroseconds = {any: 500, crowded: 250};
const crowd = {meanRunnablePercent: 75, mostSystemShare: 0.1};

/**
Where it may not be read what they sleep for, by rates: measured at barriers 0.7 to 1.8 involuntary switches for each voluntary one, of users of a
lock or a queue 0.36 and less; these also have the kernel work. Of three OpenMP teams of ten each 0.45 to 0.6, with 0.01 of their CPU in the
kernel. Where packets come in, a server's threads all do alike as well.
*/
const hidden = {
	putAside: 0.6,
	systemShare: 0.25,
	segmentsPerWake: 0.1,
	computing: {putAside: 0.42, systemShare: 0.03},
};

/** Threads that meet at a barrier. */
export type BarrierTeam = {
	threads: readonly Thread[];
	/** CPU that each takes from one meeting to the next. */
	microsecondsOfPiece: number;
	/** Whether it was seen that they sleep for nothing else. */
	isSeen: boolean;
};

/** Asleep for one another, and not for a lock: at a barrier, or for the next piece of work. */
const isForOthers =
	(process: Process): MatchWait =>
	wait =>
		isUntimedFutex(wait) && !isLockWait(process, wait);

const looksLikeBarrier = (
	process: Process,
	threads: readonly Thread[],
	tcpSegmentsPerSecond: number,
): boolean => {
	const wakes = sum(threads, wakesOf);
	const {putAside} = isInKernel(process, hidden.computing.systemShare) ? hidden : hidden.computing;
	return (
		areWaitsRefused(process) &&
		!isAnyBlocked(threads) &&
		!isInKernel(process, hidden.systemShare) &&
		tcpSegmentsPerSecond <= wakes * hidden.segmentsPerWake &&
		sum(threads, thread => orZero(thread.involuntarySwitchesPerSecond)) >= wakes * putAside
	);
};

/** So small that those beside a team, who hardly run, can't have made them so: all threads need not be asked. */
const hasSmallPieces = ({cpuPercent, voluntarySwitchesPerSecond}: Process): boolean =>
	orZero(cpuPercent) * 10_000 <
	(orZero(voluntarySwitchesPerSecond) * leastMicroseconds.crowded) / 5;

/**
The threads of a process that work piece by piece and meet after each one, as OpenMP's do after a loop: they are all it has, do all alike, and
sleep only until the last of them has had its turn on a CPU. Nothing where they sleep for anything else, or where that may be.
*/
export const barrierTeamOf = (
	process: Process,
	usesAllCpus: boolean,
	tcpSegmentsPerSecond: number,
): BarrierTeam | undefined => {
	const least = usesAllCpus ? meanRunnablePercent.withAllCpus : meanRunnablePercent.any;
	// More could not be runnable for so much of their time on average.
	const mostThreads = (wantedCpuPercent(process) ?? 0) / least;
	if (mostThreads < fewestThreads || hasSmallPieces(process)) {
		return undefined;
	}

	const threads = closedTeamOf(process, fewestThreads, mostThreads);
	const wakes = sum(threads, wakesOf);
	const microsecondsOfPiece =
		(sum(threads, thread => orZero(thread.cpuPercent)) * 10_000) / Math.max(1, wakes);
	const meanRunnable = sum(threads, thread => wantedCpuPercent(thread) ?? 0) / threads.length;
	const isCrowded =
		meanRunnable >= crowd.meanRunnablePercent && !isInKernel(process, crowd.mostSystemShare);
	if (
		threads.length === 0 ||
		microsecondsOfPiece < leastMicroseconds[isCrowded ? 'crowded' : 'any'] ||
		meanRunnable < least
	) {
		return undefined;
	}

	const isAtBarrier = isForOthers(process);
	const isSeen = threads.some(thread => someWait(thread, isAtBarrier));
	const isNothingElse = isSeen
		? threads.every(thread =>
				sharesOf(thread).every(share => isRunning(share) || isAtBarrier(share)),
			)
		: looksLikeBarrier(process, threads, tcpSegmentsPerSecond);
	return isNothingElse ? {threads, microsecondsOfPiece, isSeen} : undefined;
};
