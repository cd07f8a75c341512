import type {Process} from '../model/process.js';
import type {Snapshot} from '../model/snapshot.js';
import type {Thread} from '../model/thread.js';
import {looksLikeGo} from './go-timers.js';
import type {ProcessGroup} from './group.js';
import {areCallsRefused, hiddenCallSpinsOf} from './hidden-call-spin.js';
import {costOf, fact, procFile} from './parts.js';
import {areParentAndChild} from './related.js';
import type {Candidate, Moment, Rule} from './rule.js';
import {findCallSpins} from './spin-calls.js';
import {toCallSpinCandidate} from './spin-calls-report.js';
import {spinExplanation} from './spin-explanation.js';
import {countCalls, spinSeverity} from './spin-parts.js';
import {cpuMicrosecondsPerSwitch, isInKernel, orZero, sum, switchesOf} from './thread-facts.js';
import {plural, roughText} from './words.js';

/** Time slices end a few hundred times a second; sched_yield gives the CPU up with every call, and counts as involuntary. */
const fewestYields = 2000;

/**
Measured 1 µs; time slices are 400 µs and more. A yield that nobody else is there for is no switch: where two spin, each on a CPU, 155 µs were
measured, most of it in the kernel.
*/
const mostMicroseconds = {any: 50, inKernel: 200};
const leastInKernel = 0.5;

/** A thread that sleeps now and then does something else too. */
const mostVoluntaryShare = 0.1;

/**
A pipe's writer is put aside by each reader that it wakes, on the same CPU: its involuntary switches are the sleeps of that other
thread. Hardly anybody sleeps and wakes as often as a loop around sched_yield turns: measured of a pool's feeder on one CPU with its workers
133,000, and 161,000 sleeps of theirs.
*/
const partner = {least: 0.6, most: 1.7, mostSwitches: 60_000, leastOfMany: 0.9};

const isSpinning = (thread: Thread): boolean => {
	const yields = orZero(thread.involuntarySwitchesPerSecond);
	return (
		yields >= fewestYields &&
		orZero(thread.voluntarySwitchesPerSecond) <= yields * mostVoluntaryShare &&
		(cpuMicrosecondsPerSwitch(thread) ?? Number.POSITIVE_INFINITY) <
			mostMicroseconds[isInKernel(thread, leastInKernel) ? 'inKernel' : 'any']
	);
};

/** Parent and child, or children of one parent: they may share pipes. */
const areRelated = (one: Process, other: Process): boolean =>
	areParentAndChild(one, other) || one.parentPid === other.parentPid;

const sleepsFor = (
	{voluntarySwitchesPerSecond}: Thread | Process,
	lost: number,
	most: number = partner.most,
	least: number = partner.least,
): boolean => {
	const sleeps = orZero(voluntarySwitchesPerSecond);
	return sleeps >= lost * least && sleeps <= lost * most;
};

/** Whether some thread of the machine, or all others of its process, sleep as often as this one loses its CPU: those that it wakes. */
const makesWayForPartner = (
	thread: Thread,
	own: Process,
	processes: readonly Process[],
): boolean => {
	const lost = orZero(thread.involuntarySwitchesPerSecond);
	if (lost > partner.mostSwitches) {
		return sleepsFor(own, lost, partner.most, partner.leastOfMany);
	}

	return (
		// A pool's feeder makes way for all of its workers, each of which sleeps less often.
		sleepsFor(own, lost, Infinity) ||
		processes.some(
			process =>
				sleepsFor(process, lost, Infinity) && process.threads.some(other => sleepsFor(other, lost)),
		)
	);
};

/** Whether all of a relative sleep as often as these lose their CPUs: in Go any thread writes, and any reads. */
const makeWayForRelative = (
	threads: readonly Thread[],
	own: Process,
	processes: readonly Process[],
): boolean => {
	const lost = sum(threads, thread => orZero(thread.involuntarySwitchesPerSecond));
	return (
		lost <= partner.mostSwitches * threads.length &&
		processes.some(
			process => process !== own && areRelated(process, own) && sleepsFor(process, lost),
		)
	);
};

/** Switches of processes that can't be seen, as outside of a container: a thread may make way for those as well. */
const unseenSwitches = ({system, processes}: Snapshot): number =>
	Math.max(0, orZero(system.contextSwitchesPerSecond) - sum(processes, switchesOf));

const makesWayForUnseen = (threads: readonly Thread[], latest: Snapshot): boolean =>
	sum(threads, thread => orZero(thread.involuntarySwitchesPerSecond)) * partner.least <=
	unseenSwitches(latest);

/** Threads that seem to turn in a loop around sched_yield, and don't only make way for those that they wake. */
const yieldingIn = (process: Process, {isExplained, latest}: Moment): readonly Thread[] => {
	// Its runtime yields in the locks of its own, the collector's first of all.
	if (looksLikeGo(process)) {
		return [];
	}

	const threads = process.threads.filter(
		thread =>
			isSpinning(thread) &&
			!isExplained(thread.tid) &&
			!makesWayForPartner(thread, process, latest.processes),
	);
	return threads.length > 0 &&
		(makeWayForRelative(threads, process, latest.processes) || makesWayForUnseen(threads, latest))
		? []
		: threads;
};

const toCandidate = (
	group: ProcessGroup,
	processes: readonly Process[],
	threads: readonly Thread[],
): Candidate => {
	const yields = sum(threads, thread => orZero(thread.involuntarySwitchesPerSecond));
	const cpu = sum(threads, thread => orZero(thread.cpuPercent));
	const {pid} = processes[0]!;
	return {
		subject: group.key,
		severity: spinSeverity(threads.length),
		confidence: 'certain',
		pid,
		pids: processes.map(process => process.pid),
		tids: threads.map(({tid}) => tid),
		title:
			`${plural(threads.length, 'thread')} of ${group.name} spin in sched_yield: ${roughText(yields)} switches a second for nothing`.replace(
				/^(1 thread .*?) spin /,
				'$1 spins ',
			),
		evidence: [
			fact('involuntary switches', yields, '/s', procFile(processes, 'task/*/status')),
			fact(
				'CPU from one switch to the next',
				(cpu * 10_000) / yields,
				'µs',
				procFile(processes, 'task/*/schedstat'),
			),
			fact(
				'voluntary switches: they never sleep',
				sum(threads, thread => orZero(thread.voluntarySwitchesPerSecond)),
				'/s',
				procFile(processes, 'task/*/status'),
			),
			fact('CPU burned', cpu, '%', procFile(processes, 'task/*/schedstat')),
		],
		cost: costOf(threads),
		fixes: [
			{
				what: 'Sleep until it is free: a mutex or a condition variable instead of the loop around sched_yield',
				why: 'the kernel then runs who has work; a yielding thread comes back within a microsecond and asks again',
				command: 'pthread_mutex_lock(&mutex)',
			},
			{
				what: 'If it must spin: a bounded number of rounds with a pause instruction, then sleep',
				why: 'spinning pays only while the holder runs on another CPU, for a few microseconds',
			},
			{
				what: 'OpenMP and BLAS: let idle workers sleep',
				why: 'their worker threads yield in a loop between two parallel regions by default',
				command: 'OMP_WAIT_POLICY=passive  # OpenBLAS: OPENBLAS_THREAD_TIMEOUT=4',
			},
		],
		next: [
			{what: 'see who calls sched_yield', command: `perf top -g -p ${pid}`, needs: 'root'},
			countCalls(pid, 'count its calls for two seconds'),
		],
	};
};

const inYield = (group: ProcessGroup, moment: Moment): readonly Candidate[] => {
	const processes = group.processes.filter(
		process =>
			orZero(process.involuntarySwitchesPerSecond) >= fewestYields &&
			process.threads.some(isSpinning),
	);
	const threads = processes.flatMap(process => yieldingIn(process, moment));
	return threads.length > 0 ? [toCandidate(group, processes, threads)] : [];
};

const inOtherCalls = (
	group: ProcessGroup,
	{isExplained, latest}: Moment,
	told: ReadonlySet<number>,
): readonly Candidate[] =>
	group.processes
		.flatMap(process =>
			areCallsRefused(process)
				? hiddenCallSpinsOf(process, latest)
				: findCallSpins(process, latest),
		)
		.filter(({threads}) => !threads.some(({tid}) => told.has(tid) || isExplained(tid)))
		.map(spin => toCallSpinCandidate(spin, group, latest.system));

/** Threads that burn CPU in a loop around a system call that does nothing. */
export const spin: Rule = {
	name: 'spin',
	summary: 'threads burn CPU in a loop around sched_yield, or around system calls that do nothing',
	explanation: spinExplanation,
	find(moment) {
		const yields = moment.groups.flatMap(group => inYield(group, moment));
		const told = new Set(yields.flatMap(({tids}) => tids));
		const others = moment.groups.flatMap(group => inOtherCalls(group, moment, told));
		return [...yields, ...others];
	},
};
