import {countText} from '../model/count-text.js';
import type {Evidence, Fix, NextStep, Severity} from '../model/finding.js';
import type {Process} from '../model/process.js';
import {isKnown} from '../model/reading.js';
import {type Demand, demandOf, isTooMuch, limitOf, processesOf} from './cpu-demand.js';
import type {ProcessGroup} from './group.js';
import type {Candidate, Moment, Rule} from './rule.js';
import {fewerWorkersFix, serviceOf} from './service-advice.js';
import {type CpuLimit, orZero, sum, switchesOf} from './thread-facts.js';
import {measured, plural, roughText} from './words.js';

const warningTimes = 3;
const criticalTimes = 8;

const severityOf = (demand: Demand, limit: CpuLimit): Severity => {
	const times = demand.cpus / limit.cpus;
	if (times >= criticalTimes) {
		return 'critical';
	}

	return times >= warningTimes ? 'warning' : 'notice';
};

const limitText = ({cpus, because}: CpuLimit): string => {
	if (because === 'affinity') {
		return `its affinity mask allows ${roughText(cpus)}`;
	}

	if (because === 'quota') {
		return `its quota allows ${roughText(cpus)}`;
	}

	return cpus === 1 ? 'there is 1' : `there are ${countText(cpus)}`;
};

const titleOf = (demand: Demand, limit: CpuLimit, name: string | undefined): string => {
	const processes = processesOf(demand.bound).length;
	const threads = demand.bound.length;
	const who =
		processes === 1 || threads > processes
			? `${plural(threads, 'thread')}${name === undefined ? '' : ` of ${name}`}`
			: `${countText(processes)} ${name === undefined ? '' : `${name} `}processes`;
	return `${who} want ${roughText(demand.cpus)} CPUs at once, but ${limitText(limit)}`;
};

const evidenceOf = (
	demand: Demand,
	limit: CpuLimit,
	{latest}: Moment,
	group?: ProcessGroup,
): Evidence[] => {
	const {bound} = demand;
	const processes = processesOf(bound);
	const pid = processes.length === 1 ? processes[0]!.pid : 'PID';
	const schedstat = `/proc/${pid}/task/*/schedstat`;
	const evidence: Evidence[] = [
		{
			what: `CPUs wanted by ${plural(bound.length, 'CPU-bound thread')}, on average`,
			value: measured(demand.cpus),
			unit: 'CPUs',
			source: schedstat,
		},
		{
			what: {
				machine: 'CPUs there are',
				affinity: 'CPUs that the affinity mask allows',
				quota: "CPUs that the cgroup's quota allows",
			}[limit.because],
			value: measured(limit.cpus),
			unit: 'CPUs',
			source: {
				machine: '/proc/stat',
				affinity: `/proc/${pid}/status`,
				quota: 'cpu.max or cpu.cfs_quota_us of the cgroup',
			}[limit.because],
		},
		{
			what: 'of the time that they could run, they wait for a CPU',
			value: measured(demand.waitShare * 100),
			unit: '%',
			source: schedstat,
		},
		{
			what: 'times the kernel takes the CPU away from one of them',
			value: measured(sum(bound, ({thread}) => orZero(thread.involuntarySwitchesPerSecond))),
			unit: '/s',
			source: `/proc/${pid}/task/*/status`,
		},
	];
	const pieces = new Set(bound.flatMap(({team}) => team?.microsecondsOfPiece ?? []));
	if (pieces.size > 0) {
		evidence.push({
			what: 'CPU from one sleep to the next: they meet after each piece of work, where the last one has still to get a CPU',
			value: measured(Math.max(...pieces)),
			unit: 'µs',
			source: schedstat,
		});
	}

	const service = group && serviceOf(group);
	if (service?.workers !== undefined) {
		evidence.push({
			what: `workers that ${service.name} is told to start`,
			value: service.workersSetting ?? service.workers,
			unit: '',
			source: `/proc/${pid}/cmdline`,
		});
	}

	const pressure = latest.system.pressure?.cpu;
	if (isKnown(pressure)) {
		evidence.push({
			what: 'time in which some thread of the machine waits for a CPU',
			value: measured(pressure.some.stallPercent ?? pressure.some.avg10Percent),
			unit: '%',
			source: '/proc/pressure/cpu',
		});
	}

	return evidence;
};

const runtimeFixes = (process: Process, cpus: number): readonly Fix[] => {
	const why = 'threads beyond the CPUs do no work, they only take turns';
	if (process.runtime?.name === 'jvm') {
		return [
			{
				what: `JVM: ${plural(cpus, 'CPU')} for its pools`,
				why,
				command: `-XX:ActiveProcessorCount=${cpus}`,
			},
		];
	}

	if (process.runtime?.name === 'go') {
		return [
			{what: `Go: ${plural(cpus, 'CPU')} for the scheduler`, why, command: `GOMAXPROCS=${cpus}`},
		];
	}

	return process.threadCount > 1
		? [
				{
					what: `Threads of OpenMP, BLAS or the program's own pool: ${countText(cpus)}`,
					why,
					command: `OMP_NUM_THREADS=${cpus}`,
				},
			]
		: [];
};

const fixesOf = (demand: Demand, limit: CpuLimit, group?: ProcessGroup): Fix[] => {
	const whole = Math.max(1, Math.floor(limit.cpus));
	const why = `${plural(whole, 'CPU')}, ${roughText(demand.cpus)} runnable on average: what is above only waits, and each turn costs a switch and cold caches`;
	const processes = processesOf(demand.bound);
	const fixes: Fix[] = [];
	const service = group && fewerWorkersFix(group, limit.cpus, why);
	if (service) {
		fixes.push(service);
	} else if (processes.length > 1) {
		fixes.push({
			what: `Run ${countText(whole)} of them at a time instead of ${countText(processes.length)}`,
			why,
		});
	}

	fixes.push(...runtimeFixes(processes[0]!, whole));
	if (limit.because === 'machine') {
		fixes.push({
			what: 'If all of it has to run: put what may wait behind the rest',
			why: 'the work that people wait for then gets its CPU first',
			command: `renice -n 19 -p ${processes
				.slice(0, 8)
				.map(process => process.pid)
				.join(' ')}`,
		});
	} else {
		fixes.push({
			what: `Or allow more CPUs: ${limit.because === 'quota' ? "raise the cgroup's quota" : 'widen the affinity mask'}`,
			why: `${roughText(demand.cpus)} are wanted`,
		});
	}

	return fixes;
};

const nextOf = (process: Process): NextStep[] => [
	{
		what: 'see what they compute: useful work and spinning for a lock look alike in /proc',
		command: `perf top -p ${process.pid}`,
		needs: 'root',
	},
	...(process.runtime?.name === 'cpython'
		? [
				{
					what: 'see which Python code runs',
					command: `py-spy top --pid ${process.pid}`,
					needs: 'root or the same user',
				},
			]
		: []),
];

const toCandidate = (
	demand: Demand,
	limit: CpuLimit,
	moment: Moment,
	group?: ProcessGroup,
): Candidate => {
	const {bound} = demand;
	const processes = processesOf(bound);
	const threads = bound.map(({thread}) => thread);
	return {
		subject: group?.key ?? 'machine',
		severity: severityOf(demand, limit),
		// The times are the scheduler's own account, yet spinning for a lock looks the same. Why threads sleep in between may be refused.
		confidence: bound.some(({team}) => team?.isSeen === false) ? 'possible' : 'likely',
		...(group && {pid: processes[0]!.pid}),
		pids: processes.map(process => process.pid),
		tids: threads.map(thread => thread.tid),
		title: titleOf(demand, limit, group?.name),
		evidence: evidenceOf(demand, limit, moment, group),
		cost: {
			switchesPerSecond: measured(sum(threads, switchesOf)),
			cpuPercent: measured(sum(threads, thread => orZero(thread.cpuPercent))),
			runQueueWaitPercent: measured(sum(threads, thread => orZero(thread.runQueueWaitPercent))),
		},
		fixes: fixesOf(demand, limit, group),
		next: nextOf(processes[0]!),
	};
};

const explanation = `Oversubscribed: more threads want a CPU than there are CPUs

What it is
  Threads that compute, in larger numbers than there are CPUs for them: the machine's, those
  that the affinity mask allows, or those that the cgroup's quota pays for. Nothing is done
  faster that way; each one waits for its turn, answers take longer, and every turn costs a
  switch and cold caches. Forty workers on two CPUs wait for 95 % of the time.

How ctop knows
  The scheduler keeps account of how long each thread ran and how long it waited to run
  (/proc/PID/task/TID/schedstat). The sum of both is how many CPUs are wanted on average.
  Counted are threads that want a CPU for 60 % of the time and more and hardly ever give it
  up of themselves, service by service, and together when no single service is to blame.
  Counted too are threads that are alike and sleep only for one another, half a millisecond of
  CPU and more from one sleep to the next, as OpenMP's at the barrier after each loop; half of
  that is enough where they are ready to run for 75 % of the time, and not in the kernel.
  Where it may not be read what they sleep for, and no packets come in for them, that is only
  possible.
  Told from 1.75 times the CPUs on, and 1.5 above them; a warning from three times.

What does not fool it
  As many threads as CPUs. Servers that switch a lot because they wait for sockets. The
  load average, which lags behind by minutes. Threads that fight for a lock: they give the
  CPU up of themselves. SCHED_IDLE threads.

What /proc can't tell
  Whether it's useful work or a spin lock: perf does.

How to fix it
  Workers by the CPUs: gunicorn -w, uWSGI --processes, celery --concurrency, nginx
  worker_processes, make -j. Inside a container many programs see the machine's CPUs and not
  the quota's: GOMAXPROCS, -XX:ActiveProcessorCount, OMP_NUM_THREADS. What may wait: nice.

Further reading
  man 7 sched, man 5 proc_pid_schedstat, docs.kernel.org/scheduler/sched-stats.html
  docs.gunicorn.org/en/stable/design.html (how many workers)
`;

/** More threads that compute than CPUs that they may use. */
export const oversubscribed: Rule = {
	name: 'oversubscribed',
	summary: 'more threads want a CPU than there are CPUs for them',
	explanation,
	find: moment => {
		const {latest, groups, isExplained} = moment;
		const {tcpSegmentsReceivedPerSecond: segments} = latest.system;
		const candidates = groups.flatMap(group => {
			const demand = demandOf(group.processes, isExplained, segments);
			const limit = limitOf(demand.bound, latest.host);
			return isTooMuch(demand, limit) ? [toCandidate(demand, limit, moment, group)] : [];
		});
		if (candidates.length > 0) {
			return candidates;
		}

		const all = groups.flatMap(group => group.processes);
		const demand = demandOf(all, isExplained, segments);
		const limit: CpuLimit = {cpus: latest.host.cpus, because: 'machine'};
		return isTooMuch(demand, limit) ? [toCandidate(demand, limit, moment)] : [];
	},
};
