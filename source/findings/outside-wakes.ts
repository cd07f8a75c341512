import type {Process} from '../model/process.js';
import type {Snapshot} from '../model/snapshot.js';
import {busyCpus} from './idle-cpus.js';
import {ioStallPercent} from './io-wait.js';
import {isRelated} from './related.js';
import {orZero, sum} from './thread-facts.js';

/**
What on this machine could have woken threads of some processes and is no thread of theirs, each second. All of it counts, whomever it was
for: where little happened, its threads were woken by one another.
*/
export type OutsideWakes = {
	/** Interrupts of the CPUs' timers: sleeps and time limits that ran out, and the scheduler's ticks. */
	timers: number;
	/** Those that are left for these processes when each moment of a busy CPU had its ticks and all others were woken by a timer each. */
	leftTimers: number;
	/** Packets received, loopback among them. */
	packets: number;
	/** Wakes of all other threads: who writes to a pipe and waits for an answer wakes as well. */
	others: number;
};

const most = {packetsShare: 0.1, othersShare: 0.3, ioStallPercent: 10};

/** A process that computes and never waits can still write to a pipe: to one that it is related to. */
const writerCpuPercent = 50;

/** While it is busy a CPU's timer ticks; HZ is at most 1000. */
const mostTicks = 1000;

/**
What else could have woken the threads of these processes, where that is little: no packets, no disk, and nobody else who wakes as often.
Timers are left to the caller. Nothing where there was more, or where it wasn't counted.
*/
export const outsideWakesOf = (
	processes: readonly Process[],
	latest: Snapshot,
): OutsideWakes | undefined => {
	const {timerInterruptsPerSecond: timers, receivedPacketsPerSecond: packets} =
		latest.system.wakeSources ?? {};
	const wakes = sum(processes, each => orZero(each.voluntarySwitchesPerSecond));
	if (
		timers === undefined ||
		packets === undefined ||
		packets > wakes * most.packetsShare ||
		(ioStallPercent(latest) ?? 0) > most.ioStallPercent
	) {
		return undefined;
	}

	const own = new Set([latest.sampling.ownPid, ...processes.map(({pid}) => pid)]);
	let others = 0;
	for (const other of latest.processes) {
		if (own.has(other.pid)) {
			continue;
		}

		others += orZero(other.voluntarySwitchesPerSecond);
		if (
			others > wakes * most.othersShare ||
			(orZero(other.cpuPercent) >= writerCpuPercent &&
				processes.some(process => isRelated(process, other)))
		) {
			return undefined;
		}
	}

	const busy = busyCpus(latest) ?? latest.host.cpus;
	return {timers, leftTimers: timers - others - busy * mostTicks, packets, others};
};
