import type {Process} from '../model/process.js';
import type {Host} from '../model/system.js';
import type {Thread} from '../model/thread.js';
import {type BarrierTeam, barrierTeamOf} from './barrier-team.js';
import {type CpuLimit, cpuLimit, orZero, sum, wantedCpuPercent} from './thread-facts.js';

/** CPU-bound: on the run queue for most of the time, whoever else is there. */
const mostlyRunnablePercent = 60;

/**
Those that meet at a barrier after each piece of work sleep until the last one has had its turn on a CPU: there are long pieces all the same,
and together they use all CPUs. Where others run as well they get less, but then several of them wait for each CPU at any time.
*/
const inPieces = {
	runnablePercent: 35,
	usedShare: 0.85,
	besideOthers: {usedShare: 0.7, waitingForEachCpu: 3},
};

/** A thread that hardly ever gives the CPU up of itself, even where nothing else takes it away. */
const fewVoluntarySwitches = 10;

/** A loop of sched_yield counts as involuntary switches, thousands a second: that is spinning, not work. */
const yieldsPerSecond = 5000;

/** Demand for CPUs against the CPUs there are: both, so that neither two cores nor sixty-four cry wolf. */
const fewestTimes = 1.75;
const fewestAbove = 1.5;

/** With such a demand they must also be seen to wait for so much of it; else they have CPUs that we don't know of. */
const fewestWaitShare = 0.4;

/** A thread that computes, and those that it meets at a barrier where only these tell. */
export type Bound = {process: Process; thread: Thread; wanted: number; team?: BarrierTeam};

/** What threads that compute want of the CPUs. */
export type Demand = {
	bound: readonly Bound[];
	/** Mean number of CPUs wanted. */
	cpus: number;
	/** Share of that for which there was none. */
	waitShare: number;
};

const usesAllCpus = ({cpuPercent, cpusAllowed, runQueueWaitPercent}: Process): boolean => {
	if (cpusAllowed === undefined) {
		return false;
	}

	const {usedShare, besideOthers} = inPieces;
	const used = orZero(cpuPercent) / (cpusAllowed * 100);
	const waiting = orZero(runQueueWaitPercent) / (cpusAllowed * 100);
	return (
		used >= usedShare ||
		(used >= besideOthers.usedShare && waiting >= besideOthers.waitingForEachCpu)
	);
};

const isCpuBound = (thread: Thread, wanted: number, leastPercent: number): boolean => {
	const voluntary = orZero(thread.voluntarySwitchesPerSecond);
	const involuntary = orZero(thread.involuntarySwitchesPerSecond);
	const hasLongPieces = voluntary <= fewVoluntarySwitches;
	return (
		wanted >= (hasLongPieces ? leastPercent : mostlyRunnablePercent) &&
		involuntary < yieldsPerSecond &&
		(hasLongPieces || voluntary < involuntary / 2)
	);
};

/**
The threads that compute, of those that no cause explains yet. `tcpSegmentsPerSecond`: what the machine received, whomever it was for.
*/
export const demandOf = (
	processes: readonly Process[],
	isExplained: (tid: number) => boolean,
	tcpSegmentsPerSecond = 0,
): Demand => {
	const bound: Bound[] = [];
	for (const process of processes) {
		// None of its threads can be bound to a CPU when all together aren't.
		if ((wantedCpuPercent(process) ?? 100) < mostlyRunnablePercent) {
			continue;
		}

		const usesAll = usesAllCpus(process);
		const leastPercent = usesAll ? inPieces.runnablePercent : mostlyRunnablePercent;
		const team = barrierTeamOf(process, usesAll, tcpSegmentsPerSecond);
		const members = new Set(team?.threads);
		for (const thread of process.threads) {
			const wanted = wantedCpuPercent(thread);
			// SCHED_IDLE takes only what others leave.
			if (wanted === undefined || thread.policy === 'idle' || isExplained(thread.tid)) {
				continue;
			}

			if (isCpuBound(thread, wanted, leastPercent)) {
				bound.push({process, thread, wanted: Math.min(100, wanted)});
			} else if (members.has(thread)) {
				bound.push({process, thread, wanted: Math.min(100, wanted), team: team!});
			}
		}
	}

	const total = sum(bound, ({thread}) => wantedCpuPercent(thread) ?? 0);
	const waited = sum(bound, ({thread}) => orZero(thread.runQueueWaitPercent));
	return {
		bound,
		cpus: sum(bound, ({wanted}) => wanted) / 100,
		waitShare: total > 0 ? waited / total : 0,
	};
};

/** Whether they want clearly more CPUs than they may use. */
export const isTooMuch = ({cpus, waitShare}: Demand, limit: CpuLimit): boolean =>
	cpus >= limit.cpus * fewestTimes &&
	cpus >= limit.cpus + fewestAbove &&
	waitShare >= fewestWaitShare;

/** The limit that holds for all of them: processes that are bound to CPUs each for itself share none. */
export const limitOf = (bound: readonly Bound[], host: Host): CpuLimit => {
	const limits = bound.map(({process}) => cpuLimit(process, host));
	const largest = limits.toSorted((one, other) => other.cpus - one.cpus)[0];
	const used = sum(bound, ({thread}) => orZero(thread.cpuPercent)) / 100;
	const machine: CpuLimit = {cpus: host.cpus, because: 'machine'};
	return largest === undefined || used > largest.cpus * 1.1 + 0.1 ? machine : largest;
};

/** The processes that the threads belong to, each once. */
export const processesOf = (bound: readonly Bound[]): readonly Process[] => [
	...new Set(bound.map(({process}) => process)),
];
