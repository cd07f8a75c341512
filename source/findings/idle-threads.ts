import {countText} from '../model/count-text.js';
import type {ProcessGroup} from './group.js';
import {costOf, fact, ofProcesses, procFile} from './parts.js';
import type {Candidate, Rule} from './rule.js';
import {fewerThreadsFix} from './service-advice.js';
import {isStill, sum} from './thread-facts.js';
import {plural} from './words.js';

/** A few threads at rest are every runtime's. */
const fewestThreads = 20;

/** Most of them: with half of them at work the pool may be the right size for its peaks. */
const fewestShare = 0.8;

const toCandidate = (group: ProcessGroup, idle: number, threads: number): Candidate => {
	const {processes} = group;
	const {pid} = processes.toSorted(
		(one, other) => (other.idleThreadCount ?? 0) - (one.idleThreadCount ?? 0),
	)[0]!;
	const busy = threads - idle;
	const to = Math.max(2, Math.ceil((busy / Math.max(1, group.workers.length)) * 2));
	const why =
		'a thread at rest costs its stack and its place in the tables, and every look at the process';
	const service = fewerThreadsFix(group, to, why);
	return {
		subject: group.key,
		severity: 'notice',
		confidence: 'certain',
		pid,
		pids: processes.map(process => process.pid),
		// Nothing is explained by them: they did nothing.
		tids: processes.flatMap(process => process.threads.filter(isStill).map(({tid}) => tid)),
		title: `${countText(idle)} of ${plural(threads, 'thread')}${ofProcesses(processes.length, group.name)} have not run for a minute`,
		evidence: [
			fact(
				'threads that have not run for 60 s',
				idle,
				'threads',
				procFile(processes, 'task/*/schedstat'),
			),
			fact('threads that have', busy, 'threads', procFile(processes, 'task/*/schedstat')),
			fact('processes', processes.length, '', '/proc'),
		],
		cost: costOf([]),
		fixes: [
			...(service ? [service] : []),
			{
				what: `Nothing, if they are kept for peaks; else a pool that shrinks, or ${plural(to, 'thread')}`,
				why: 'a pool at rest is healthy: it costs memory and no CPU',
			},
		],
		next: [
			{
				what: 'watch it at peak time before the pool is made smaller',
				command: `ctop record -p ${pid}`,
			},
		],
	};
};

const explanation = `Idle threads: most threads have not run for a minute

What it is
  A notice, not an alarm: a service with 45 threads of which 41 never ran while ctop watched.
  They cost memory for their stacks and nothing else. But they say that the pool is larger
  than today's load, and when they all wake at once, it may be larger than is good.

How ctop knows
  A thread's counters in schedstat have not moved for 60 seconds: it did not run at all. Told
  when 20 threads and more of a service, and 80 % of its threads, are that quiet.

What does not fool it
  Threads that poll: those run (see idle-polling). The first minute, in which nothing is said.

How to fix it
  Mostly not at all. Pools that shrink (corePoolSize with allowCoreThreadTimeOut), fewer
  threads for each worker, fewer workers.

Further reading
  man 5 proc_pid_schedstat
`;

/** Threads that have not run for a minute. */
export const idleThreadsRule: Rule = {
	name: 'idle-threads',
	summary: 'most threads of a service have not run for a minute; a notice, never an alarm',
	explanation,
	find: ({groups}) =>
		groups.flatMap(group => {
			const idle = sum(group.processes, process => process.idleThreadCount ?? 0);
			const threads = sum(group.processes, process => process.threads.length);
			return idle >= fewestThreads && idle >= threads * fewestShare
				? [toCandidate(group, idle, threads)]
				: [];
		}),
};
