import type {Process} from '../model/process.js';
import type {Snapshot} from '../model/snapshot.js';
import type {Thread} from '../model/thread.js';
import {outsideWakesOf} from './outside-wakes.js';
import {areWaitsRefused, cpuMicrosecondsPerSwitch, orZero, sum} from './thread-facts.js';

/** Measured pollers take 7 to 43 µs a wake. */
const mostMicroseconds = 60;
const fewestWakes = 200;
const leastWakesOfEach = 10;

/**
On a machine at rest nothing else sets timers off: all wakes but a few have one interrupt each. Of processes that were started together, each with
the same time limit, some share one: measured 0.58 to 0.95 of six and ten.
*/
const leastIdlePercent = 80;
const leastTimersPerWake = {ofOne: 0.85, ofSeveral: 0.5};

/** Who is put aside at a wake was woken by one of these threads, as those are that wait for a lock; Go's scheduler does the same. */
const mostPutAside = 0.09;

/** By the process's id; and what is told of them: so many interrupts are left for them when all others have taken theirs. */
export type TimerPollers = {
	threads: ReadonlyMap<number, readonly Thread[]>;
	timersPerSecond: number;
};

const none: TimerPollers = {threads: new Map(), timersPerSecond: 0};

/** Whether it wakes for next to nothing, and by none of its own. */
const mayPoll = (process: Process): boolean =>
	orZero(process.voluntarySwitchesPerSecond) >= leastWakesOfEach &&
	areWaitsRefused(process) &&
	(cpuMicrosecondsPerSwitch(process) ?? mostMicroseconds + 1) <= mostMicroseconds &&
	(process.runtime?.name === 'go' ||
		orZero(process.involuntarySwitchesPerSecond) <=
			orZero(process.voluntarySwitchesPerSecond) * mostPutAside);

const wakingOf = (
	processes: readonly Process[],
	isExplained: (tid: number) => boolean,
): ReadonlyMap<number, readonly Thread[]> =>
	new Map(
		processes.map(({pid, threads}) => [
			pid,
			threads.filter(
				thread =>
					orZero(thread.voluntarySwitchesPerSecond) >= leastWakesOfEach && !isExplained(thread.tid),
			),
		]),
	);

/** Interrupts that only these processes can have asked for; 0 where they are too few for their wakes. */
const timersOf = (processes: readonly Process[], latest: Snapshot): number => {
	const wakes = sum(processes, each => orZero(each.voluntarySwitchesPerSecond));
	const least = processes.length > 1 ? leastTimersPerWake.ofSeveral : leastTimersPerWake.ofOne;
	const left = wakes >= fewestWakes ? (outsideWakesOf(processes, latest)?.leftTimers ?? 0) : 0;
	return left >= wakes * least ? left : 0;
};

/**
The threads of another user's service that timers wake for next to nothing, where a machine at rest tells: as many timer interrupts as they have
wakes, after a tick for each moment that a CPU was busy and one interrupt for each wake of anybody else. All its processes, or else one of them.
*/
export const pollersByTimers = (
	processes: readonly Process[],
	latest: Snapshot,
	isExplained: (tid: number) => boolean,
): TimerPollers => {
	const {cpu} = latest.system;
	if (cpu === undefined || cpu.idlePercent < leastIdlePercent) {
		return none;
	}

	const possible = processes.filter(mayPoll);
	const alone = possible.length > 1 ? possible.map(process => [process]) : [];
	for (const polling of [possible, ...alone]) {
		const timersPerSecond = timersOf(polling, latest);
		if (timersPerSecond > 0) {
			return {timersPerSecond, threads: wakingOf(polling, isExplained)};
		}
	}

	return none;
};
