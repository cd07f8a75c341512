import {countText} from '../model/count-text.js';
import type {Fix} from '../model/finding.js';
import type {Lock} from '../model/lock.js';
import {isKnown} from '../model/reading.js';
import {epollHerdOf} from './epoll-herd.js';
import type {ProcessGroup} from './group.js';
import {conditionHerdOf, type Herd, queueShareOf} from './herd.js';
import {asRoot, costOf, fact, graded, procFile} from './parts.js';
import type {Candidate, Moment, Rule} from './rule.js';
import {fewerWorkersFix} from './service-advice.js';
import {microsecondsOf, orZero, sum, variationOf} from './thread-facts.js';
import {plural, roughText} from './words.js';

const many = {warning: 5000, critical: 50_000};

const eventFixes = (group: ProcessGroup, woken: number, cpus: number): readonly Fix[] => {
	const fewer = fewerWorkersFix(group, cpus, 'each connection wakes all that wait for one');
	return [
		{
			what: 'EPOLLEXCLUSIVE on the listening socket, or a socket for each worker with SO_REUSEPORT',
			why: `one connection wakes one worker instead of ${countText(woken)}`,
			command:
				'nginx: listen 80 reuseport;  gunicorn: --reuse-port  C: event.events = EPOLLIN | EPOLLEXCLUSIVE',
		},
		...(fewer ? [fewer] : []),
		{
			what: 'Or a lock around accept, as servers had before',
			why: 'only one worker then waits for connections at a time',
			command: 'nginx: accept_mutex on;  uWSGI: --thunder-lock',
		},
	];
};

const conditionFixes = (woken: number, lock: Lock | undefined): readonly Fix[] => [
	{
		what: lock
			? 'Wake one: notify instead of notifyAll, signal instead of signalAll; or a BlockingQueue, which does'
			: 'Wake one: signal instead of broadcast, notify_one instead of notify_all',
		why: `one piece of work needs one of the ${countText(woken)} threads; the others find nothing and go back to sleep`,
		command: lock
			? 'var jobs = new LinkedBlockingQueue<Job>(); jobs.put(job); jobs.take();'
			: 'pthread_cond_signal(&condition)',
	},
	{
		what: 'Where different threads wait for different things: a condition variable for each',
		why: 'broadcast is needed only because one condition variable stands for many conditions',
	},
];

const toCandidate = (group: ProcessGroup, herd: Herd, cpus: number): Candidate => {
	const {processes, threads, call, waiting, wakesPerConnection, wokenTogether, hidden, lock} = herd;
	const {pid} = processes[0]!;
	const wakes = sum(threads, thread => orZero(thread.voluntarySwitchesPerSecond));
	const onEvents = call !== 'futex';
	return {
		subject: group.key,
		severity: graded(wakes, many.warning, hidden ? Number.POSITIVE_INFINITY : many.critical),
		confidence: hidden ? 'possible' : 'likely',
		pid,
		pids: processes.map(process => process.pid),
		tids: threads.map(({tid}) => tid),
		title: `Thundering herd: ${plural(threads.length, 'thread')} of ${group.name} wake for each event, ${roughText(wakes)} times a second`,
		evidence: [
			...(hidden
				? []
				: [
						fact(
							lock
								? `threads waiting at one ${lock.name}`
								: `threads waiting in ${call} at one place, on average`,
							waiting,
							'threads',
							procFile(processes, lock ? 'mem' : 'task/*/syscall'),
						),
					]),
			...(lock?.wantedIn === undefined
				? []
				: [
						fact('they wait in', lock.wantedIn, '', procFile(processes, 'mem')),
						fact(
							'its class wakes by',
							lock.wakers?.join(', ') ?? '',
							'',
							procFile(processes, 'mem'),
						),
					]),
			...(wokenTogether === undefined
				? []
				: [
						fact(
							call.startsWith('epoll')
								? 'watch one socket together, without EPOLLEXCLUSIVE'
								: 'watch one socket together',
							wokenTogether,
							'threads',
							procFile(processes, call.startsWith('epoll') ? 'fdinfo/*' : 'fd/*'),
						),
					]),
			fact('wakes of all of them', wakes, '/s', procFile(processes, 'task/*/status')),
			fact(
				'how much their rates differ, of the mean',
				variationOf(threads) * 100,
				'%',
				procFile(processes, 'task/*/status'),
			),
			fact(
				'CPU from one switch to the next: nothing found',
				microsecondsOf(threads),
				'µs',
				procFile(processes, 'task/*/schedstat'),
			),
			...(isKnown(wakesPerConnection)
				? [fact('wakes for each accepted connection', wakesPerConnection, '', '/proc/net/snmp')]
				: []),
			fact(
				'of the time that they could run, they wait for a CPU',
				queueShareOf(threads) * 100,
				'%',
				procFile(processes, 'task/*/schedstat'),
			),
		],
		cost: costOf(threads),
		fixes: onEvents
			? eventFixes(group, threads.length, cpus)
			: conditionFixes(threads.length, lock),
		next: [
			...(hidden ? [asRoot(pid)] : []),
			{
				what: 'see who wakes them',
				command: `perf trace -s -p ${pid} sleep 2`,
				needs: 'root',
			},
		],
	};
};

const explanation = `Thundering herd: many wake for one piece of work

What it is
  One event wakes all that wait for it; one of them gets it, the others find nothing and go
  back to sleep. Two switches for each of them, at each event: a broadcast on a condition
  variable with 64 waiters, or a connection that wakes every worker in epoll_wait.

How ctop knows
  Condition variables: eight threads and more at one futex word, all of them waking equally
  often, thousands of times a second together, with under 25 µs of CPU a switch, and queueing
  up for the CPUs since they wake at the same moment.
  Java's monitors and conditions: the same, where the JVM says that they wait at one, and the
  class that waits there calls notifyAll or signalAll and never notify or signal. Each thread
  sleeps at a word of its own there, and they get the lock one after the other.
  epoll: eight and more workers that wait for events wake equally often, and all together
  at least six times for each connection accepted (PassiveOpens in /proc/net/snmp). As root
  ctop also reads whether they watch one socket together, without EPOLLEXCLUSIVE or by select
  and poll, as gunicorn's sync workers do: then a wake may cost 80 µs, as Node's and Python's
  loops do.
  Another user's process, without root: the same from rates alone, where they are equal to a
  tenth, or where the machine counted too few packets and timers to have woken them: clients
  on this machine send a server half of all segments, 12 of one request at most. Possible.

What does not fool it
  Pools whose threads get work one by one: there the rates differ, or each wake does work.
  EPOLLEXCLUSIVE and accept, which wake one or two for a connection.

What /proc can't tell
  Herds on UNIX sockets and pipes: nothing counts what they were woken for.
  Another user's JVM: a pool whose threads all get a job of each burst has the same rates.

How to fix it
  signal instead of broadcast; notify_one; one condition variable for each condition.
  EPOLLEXCLUSIVE, SO_REUSEPORT, accept_mutex, uWSGI's --thunder-lock.

Further reading
  man 2 epoll_ctl (EPOLLEXCLUSIVE), man 7 socket (SO_REUSEPORT), man 3 pthread_cond_broadcast
`;

/** One of a service's processes stands for all: the others aren't asked. */
const firstConditionHerdOf = (moment: Moment, {processes}: ProcessGroup): Herd | undefined => {
	for (const process of processes) {
		const herd = conditionHerdOf(moment, process);
		if (herd) {
			return herd;
		}
	}

	return undefined;
};

/** Threads that all wake for one piece of work. */
export const thunderingHerd: Rule = {
	name: 'thundering-herd',
	summary: 'many threads wake for one piece of work',
	explanation,
	find: moment =>
		moment.groups.flatMap(group => {
			const herd = epollHerdOf(moment, group) ?? firstConditionHerdOf(moment, group);
			return herd ? [toCandidate(group, herd, moment.latest.host.cpus)] : [];
		}),
};
