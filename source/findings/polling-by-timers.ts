import type {Process} from '../model/process.js';
import type {Snapshot} from '../model/snapshot.js';
import type {Thread} from '../model/thread.js';
import {outsideWakesOf} from './outside-wakes.js';
import {areWaitsRefused, cpuMicrosecondsPerSwitch, orZero} from './thread-facts.js';

/** Measured pollers take 7 to 43 µs a wake. */
const mostMicroseconds = 60;
const fewestWakes = 200;
const leastWakesOfEach = 10;

/** On a machine at rest nothing else sets timers off: all wakes but a few have one interrupt each. */
const leastIdlePercent = 80;
const leastTimersPerWake = 0.85;

/** Who is put aside at a wake was woken by one of these threads, as those are that wait for a lock; Go's scheduler does the same. */
const mostPutAside = 0.09;

/** What is told of them: so many interrupts are left for them when all others have taken theirs. */
export type TimerPollers = {threads: readonly Thread[]; timersPerSecond: number};

/**
The threads of another user's process that timers wake for next to nothing, where a machine at rest tells: as many timer interrupts as
they have wakes, after a tick for each moment that a CPU was busy and one interrupt for each wake of anybody else.
*/
export const pollersByTimers = (
	process: Process,
	latest: Snapshot,
	isExplained: (tid: number) => boolean,
): TimerPollers | undefined => {
	const wakes = orZero(process.voluntarySwitchesPerSecond);
	const {cpu} = latest.system;
	if (
		wakes < fewestWakes ||
		cpu === undefined ||
		cpu.idlePercent < leastIdlePercent ||
		(cpuMicrosecondsPerSwitch(process) ?? mostMicroseconds + 1) > mostMicroseconds ||
		(process.runtime?.name !== 'go' &&
			orZero(process.involuntarySwitchesPerSecond) > wakes * mostPutAside) ||
		!areWaitsRefused(process)
	) {
		return undefined;
	}

	const outside = outsideWakesOf(process, latest);
	const left = outside?.leftTimers ?? 0;
	const threads = process.threads.filter(
		thread =>
			orZero(thread.voluntarySwitchesPerSecond) >= leastWakesOfEach && !isExplained(thread.tid),
	);
	return left >= wakes * leastTimersPerWake && threads.length > 0
		? {threads, timersPerSecond: left}
		: undefined;
};
