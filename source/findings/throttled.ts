import type {Process, Throttling} from '../model/process.js';
import type {ProcessGroup} from './group.js';
import {costOf, fact, graded} from './parts.js';
import type {Candidate, Rule} from './rule.js';
import {fewerWorkersFix} from './service-advice.js';
import {orZero, sum, wantedCpuPercent} from './thread-facts.js';
import {measured, plural, roughText} from './words.js';

/** A quota that is used up now and then is a quota that fits. */
const fewestPeriodsPercent = 10;
const graveness = {warning: 25, critical: 75};

/** Of the time that it wants a CPU; a sibling in the same cgroup that hardly runs has no trouble of its own. */
const fewestWantedPercent = 5;

/** A thread that waits so much for a CPU has been stopped with the others. */
const stoppedPercent = 10;

type Throttled = {process: Process; throttling: Throttling};

const toCandidate = (group: ProcessGroup, throttled: readonly Throttled[]): Candidate => {
	const processes = throttled.map(({process}) => process);
	const {throttling, process} = throttled.toSorted(
		(one, other) =>
			other.throttling.throttledPeriodsPercent - one.throttling.throttledPeriodsPercent,
	)[0]!;
	const {quotaPercent, throttledPeriodsPercent, throttledPercent, cgroup} = throttling;
	const wanted = sum(processes, each => wantedCpuPercent(each) ?? 0) / 100;
	const quota = quotaPercent / 100;
	const raised = Math.max(Math.ceil(wanted * 10) / 10, measured(quota * 1.5));
	const why = `the quota pays for ${roughText(quota)} CPUs; ${roughText(wanted)} are wanted, and all threads stop together when it's used up`;
	const workers = fewerWorkersFix(group, quota, why);
	const whole = Math.max(1, Math.floor(quota));
	return {
		subject: group.key,
		severity: graded(throttledPeriodsPercent, graveness.warning, graveness.critical),
		confidence: 'certain',
		pid: process.pid,
		pids: processes.map(({pid}) => pid),
		tids: processes.flatMap(({threads}) =>
			threads
				.filter(each => orZero(each.runQueueWaitPercent) >= stoppedPercent)
				.map(({tid}) => tid),
		),
		title: `Throttled: the CPU quota of ${plural(quota, 'CPU').replace(/^\S+/, roughText(quota))} stops ${group.name} in ${Math.round(throttledPeriodsPercent)} % of its periods`,
		evidence: [
			fact(
				'periods in which the quota was used up',
				throttledPeriodsPercent,
				'%',
				`cpu.stat of ${cgroup}`,
			),
			fact('time stopped by it, all CPUs together', throttledPercent, '%', `cpu.stat of ${cgroup}`),
			fact(
				'the quota, 100 = one CPU',
				quotaPercent,
				'%',
				`cpu.max or cpu.cfs_quota_us of ${cgroup}`,
			),
			fact('CPUs wanted, on average', wanted, 'CPUs', `/proc/${process.pid}/task/*/schedstat`),
		],
		cost: costOf(processes),
		fixes: [
			{
				what: `Raise the quota to ${roughText(raised)} CPUs, if the machine has them`,
				why: 'the threads do not wait for others: the kernel stops them although CPUs are free',
				command: `systemctl set-property UNIT CPUQuota=${Math.round(raised * 100)}%  # Kubernetes: resources.limits.cpu: ${Math.round(raised * 1000)}m`,
			},
			...(workers ? [workers] : []),
			{
				what: `Or let it use ${plural(whole, 'thread')} at a time: inside a container most runtimes see the machine's CPUs`,
				why,
				command: `GOMAXPROCS=${whole}  # -XX:ActiveProcessorCount=${whole}, OMP_NUM_THREADS=${whole}`,
			},
			{
				what: 'Shares or weights instead of a quota, where only a fair part is meant',
				why: 'a weight takes effect only when somebody else wants the CPU',
				command: 'cpu.weight (v2), cpu.shares (v1)',
			},
		],
		next: [
			{
				what: 'watch the counters move',
				command: `grep . /proc/${process.pid}/cgroup; cat /sys/fs/cgroup${cgroup}/cpu.stat /sys/fs/cgroup/cpu${cgroup}/cpu.stat 2>/dev/null`,
			},
		],
	};
};

const explanation = `Throttled: the cgroup's CPU quota stops the process

What it is
  A quota gives a cgroup so much CPU time each period, mostly 100 ms. When its threads have
  used that up, all of them stop until the next period, whether CPUs are free or not: with
  eight threads on a quota of one CPU everything stands still for 87 of each 100 ms.
  Answers come late although the average use looks fine.

How ctop knows
  The kernel counts periods, and those in which the quota ran out, in cpu.stat of the cgroup
  (both versions). The process's own cgroup and all above it are read, as a pod's limit may
  sit higher up. Told from 10 % of the periods. That is certain.
  It explains time spent waiting for a CPU, so it's told before oversubscribed.

What does not fool it
  Quotas that are not reached. Waiting for CPUs that others use.

How to fix it
  Raise the quota, or drop it for a weight. Threads by the quota, not by the machine's CPUs:
  GOMAXPROCS, -XX:ActiveProcessorCount, OMP_NUM_THREADS, workers. Garbage collectors and
  pools that start a thread per CPU of the machine eat the quota in bursts.

What does the quota do when it isn't reached on average
  Bursts: cpu.max.burst (v2) or cpu.cfs_burst_us (v1) allow saved-up time.

Further reading
  docs.kernel.org/scheduler/sched-bwc.html, man 7 cgroups
`;

/** Processes that their cgroup's CPU quota stops. */
export const throttled: Rule = {
	name: 'throttled',
	summary: "the cgroup's CPU quota stops the process",
	explanation,
	find: ({groups}) =>
		groups.flatMap(group => {
			const stopped = group.processes.flatMap(process => {
				const {throttling} = process;
				return throttling &&
					throttling.throttledPeriodsPercent >= fewestPeriodsPercent &&
					(wantedCpuPercent(process) ?? 0) >= fewestWantedPercent
					? [{process, throttling}]
					: [];
			});
			return stopped.length > 0 ? [toCandidate(group, stopped)] : [];
		}),
};
