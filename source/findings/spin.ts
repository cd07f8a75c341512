import type {Process} from '../model/process.js';
import type {Thread} from '../model/thread.js';
import type {ProcessGroup} from './group.js';
import {costOf, fact, graded, procFile} from './parts.js';
import type {Candidate, Rule} from './rule.js';
import {cpuMicrosecondsPerSwitch, orZero, sum} from './thread-facts.js';
import {plural, roughText} from './words.js';

/** Time slices end a few hundred times a second; sched_yield gives the CPU up with every call, and counts as involuntary. */
const fewestYields = 2000;

/** Measured 1 µs; time slices are 400 µs and more. */
const mostMicroseconds = 50;

/** A thread that sleeps now and then does something else too. */
const mostVoluntaryShare = 0.1;

/**
A pipe's writer is put aside by each reader that it wakes, on the same CPU: its involuntary switches are the sleeps of that other
thread. Nobody sleeps and wakes as often as a loop around sched_yield turns.
*/
const partner = {least: 0.6, most: 1.7, mostSwitches: 60_000};

const many = {warning: 1, critical: 8};

const isSpinning = (thread: Thread): boolean => {
	const yields = orZero(thread.involuntarySwitchesPerSecond);
	return (
		yields >= fewestYields &&
		orZero(thread.voluntarySwitchesPerSecond) <= yields * mostVoluntaryShare &&
		(cpuMicrosecondsPerSwitch(thread) ?? mostMicroseconds) < mostMicroseconds
	);
};

/** Whether some thread of the machine, or all others of its process, sleep as often as this one loses its CPU: those that it wakes. */
const makesWayForPartner = (thread: Thread, processes: readonly Process[]): boolean => {
	const lost = orZero(thread.involuntarySwitchesPerSecond);
	const isPartner = ({voluntarySwitchesPerSecond}: Thread | Process): boolean =>
		orZero(voluntarySwitchesPerSecond) >= lost * partner.least;
	if (lost > partner.mostSwitches) {
		return false;
	}

	return processes.some(
		process =>
			isPartner(process) &&
			// A pool's feeder makes way for all of its workers, each of which sleeps less often.
			(process.threads.includes(thread) ||
				process.threads.some(
					other =>
						isPartner(other) && orZero(other.voluntarySwitchesPerSecond) <= lost * partner.most,
				)),
	);
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
		severity: graded(threads.length, many.warning, many.critical),
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
			{
				what: 'count its calls for two seconds (slows the process down while it runs)',
				command: `timeout 2 strace -f -c -p ${pid}`,
				needs: 'root or the same user',
			},
		],
	};
};

const explanation = `Spin: threads burn CPU in sched_yield

What it is
  A thread that wants something which isn't there yet, and asks again and again, giving the
  CPU up in between with sched_yield. It looks busy and does nothing, and takes the CPU from
  the very thread that it waits for. Up to a million switches a second for each CPU.

How ctop knows
  A yield counts as an involuntary switch. 2,000 a second and more in one thread, with under
  50 µs of CPU for each and hardly a voluntary one, are no time slices: those are 400 µs and
  more. Everybody may read these counters, so it is certain without root too.

What does not fool it
  CPU-bound threads that are preempted. Threads that switch because they sleep. The writer of
  a pipe that its reader puts aside at each wake, or the feeder of a pool by all its workers:
  they sleep just as often. Above 60,000 a second that is no excuse any more.

What /proc can't tell
  A loop without any system call: it looks like work. Where more threads want CPUs than there
  are, ctop says so (oversubscribed); perf shows whether they spin.

How to fix it
  Futex-based locks, which sleep. Bounded spinning. OMP_WAIT_POLICY=passive, GOMP_SPINCOUNT=0,
  KMP_BLOCKTIME=0. Database and JVM spin loops: a newer version, fewer threads.

Further reading
  man 2 sched_yield, realworldtech.com (Torvalds on spin locks in user space)
`;

/** Threads that burn CPU in sched_yield. */
export const spin: Rule = {
	name: 'spin',
	summary: 'threads burn CPU in a loop around sched_yield',
	explanation,
	find: ({groups, isExplained, latest}) =>
		groups.flatMap(group => {
			const processes = group.processes.filter(
				process =>
					orZero(process.involuntarySwitchesPerSecond) >= fewestYields &&
					process.threads.some(isSpinning),
			);
			const threads = processes.flatMap(process =>
				process.threads.filter(
					thread =>
						isSpinning(thread) &&
						!isExplained(thread.tid) &&
						!makesWayForPartner(thread, latest.processes),
				),
			);
			return threads.length > 0 ? [toCandidate(group, processes, threads)] : [];
		}),
};
