import type {Process} from '../model/process.js';
import {isKnown} from '../model/reading.js';
import type {Thread} from '../model/thread.js';
import type {Wait} from '../model/wait.js';
import type {ProcessGroup} from './group.js';
import {asRoot, costOf, fact, graded, procFile} from './parts.js';
import type {Candidate, Moment, Rule} from './rule.js';
import {orZero, sum, switchesOf} from './thread-facts.js';
import {
	activeThreads,
	areWaitsHidden,
	crowdedPlaces,
	isLockWait,
	isUntimedFutex,
	meanWaiting,
	waitPercent,
} from './wait-facts.js';
import {countText, plural, roughText} from './words.js';

/** Fewer make no herd. */
const fewestMembers = 8;

/** All of them wake for each event, so each as often as the others: measured up to 0.35 of the mean, with pools far above. */
const mostVariation = 0.35;

/** Wakes that find nothing: 3 to 5 µs, most of it in the kernel, were measured, for pools that get work 80, for convoys 20. */
const conditionHerd = {
	switches: 5000,
	microseconds: 15,
	waitingShare: 0.1,
	/** Those that were woken queue up at the mutex of the condition variable. */
	withMutexShare: 0.35,
	queueShare: 0.7,
	systemShare: 0.45,
};
const epollHerd = {
	switches: 2000,
	microseconds: 10,
	wakesPerConnection: 6,
	connections: 50,
	waitPercent: 20,
};

/** Where nobody may look at the waits all signs must be strong. */
const herdOfOthers = {
	switches: 20_000,
	variation: 0.1,
	share: 0.8,
	microseconds: 8,
	queueShare: 0.8,
	systemShare: 0.6,
};

const many = {warning: 5000, critical: 50_000};

type Herd = {
	processes: readonly Process[];
	threads: readonly Thread[];
	call: string;
	/** Mean number of threads that wait at the same place. */
	waiting: number;
	wakesPerConnection?: number;
	/** Whether the waits were refused, so that rates alone tell. */
	hidden?: true;
};

const wakesOf = (thread: Thread): number => orZero(thread.voluntarySwitchesPerSecond);

const variationOf = (threads: readonly Thread[]): number => {
	const rates = threads.map(thread => orZero(thread.voluntarySwitchesPerSecond));
	const mean = sum(rates, rate => rate) / rates.length;
	const variance = sum(rates, rate => (rate - mean) ** 2) / rates.length;
	return mean > 0 ? Math.sqrt(variance) / mean : Number.POSITIVE_INFINITY;
};

const microsecondsOf = (threads: readonly Thread[]): number =>
	(sum(threads, thread => orZero(thread.cpuPercent)) * 10_000) /
	Math.max(1, sum(threads, switchesOf));

/** Of the time that they could run, what they wait for a CPU: those that wake all at once queue up behind each other. */
const queueShareOf = (threads: readonly Thread[]): number => {
	const cpu = sum(threads, thread => orZero(thread.cpuPercent));
	const waited = sum(threads, thread => orZero(thread.runQueueWaitPercent));
	return cpu + waited > 0 ? waited / (cpu + waited) : 0;
};

/** Another user's threads: all wake as often as the others, for nothing, in the kernel, and queue up. */
const herdByRates = (process: Process, threads: readonly Thread[]): Herd | undefined => {
	const rates = threads.map(wakesOf).sort((one, other) => one - other);
	const median = rates[Math.floor(rates.length / 2)] ?? 0;
	const members = threads.filter(
		thread => Math.abs(wakesOf(thread) - median) <= median * herdOfOthers.variation,
	);
	return members.length >= fewestMembers &&
		members.length >= threads.length * herdOfOthers.share &&
		sum(members, switchesOf) >= herdOfOthers.switches &&
		microsecondsOf(members) <= herdOfOthers.microseconds &&
		queueShareOf(members) >= herdOfOthers.queueShare &&
		orZero(process.systemCpuPercent) >= orZero(process.cpuPercent) * herdOfOthers.systemShare
		? {processes: [process], threads: members, call: 'futex', waiting: 0, hidden: true}
		: undefined;
};

const conditionHerdOf = (moment: Moment, process: Process): Herd | undefined => {
	if (
		process.threads.length < fewestMembers ||
		switchesOf(process) < conditionHerd.switches ||
		activeThreads(process.threads).length < fewestMembers
	) {
		return undefined;
	}

	const threads = activeThreads(process.threads).filter(({tid}) => !moment.isExplained(tid));
	if (areWaitsHidden(moment.history, process)) {
		return herdByRates(process, threads);
	}

	const isCondition = (wait: Wait) =>
		wait.kind === 'futex' && wait.timed !== true && !isLockWait(process, wait);
	const place = crowdedPlaces(process, threads, isCondition)[0];
	const members = threads.filter(({tid}) => place?.tids.includes(tid));
	return place &&
		members.length >= fewestMembers &&
		place.waiters >= members.length * conditionHerd.waitingShare &&
		meanWaiting(members, isUntimedFutex) >= members.length * conditionHerd.withMutexShare &&
		sum(members, switchesOf) >= conditionHerd.switches &&
		variationOf(members) <= mostVariation &&
		microsecondsOf(members) <= conditionHerd.microseconds &&
		queueShareOf(members) >= conditionHerd.queueShare &&
		orZero(process.systemCpuPercent) >= orZero(process.cpuPercent) * conditionHerd.systemShare
		? {processes: [process], threads: members, call: 'futex', waiting: place.waiters}
		: undefined;
};

const isEventWait = ({kind, call}: Wait): boolean =>
	kind === 'epoll' || kind === 'poll' || call === 'accept' || call === 'accept4';

const epollHerdOf = (moment: Moment, group: ProcessGroup): Herd | undefined => {
	const accepts = moment.latest.system.tcpAcceptsPerSecond ?? 0;
	const busy = group.processes.filter(
		process =>
			orZero(process.voluntarySwitchesPerSecond) * group.processes.length >= epollHerd.switches,
	);
	if (
		accepts < epollHerd.connections ||
		sum(busy, process => process.threads.length) < fewestMembers
	) {
		return undefined;
	}

	const hidden = busy.every(process => areWaitsHidden(moment.history, process));
	const threads = busy.flatMap(process =>
		activeThreads(process.threads).filter(
			thread =>
				!moment.isExplained(thread.tid) &&
				(hidden || waitPercent(thread, isEventWait) >= epollHerd.waitPercent),
		),
	);
	const wakes = sum(threads, thread => orZero(thread.voluntarySwitchesPerSecond));
	const wakesPerConnection = wakes / accepts;
	return threads.length >= fewestMembers &&
		wakes >= epollHerd.switches &&
		wakesPerConnection >= epollHerd.wakesPerConnection &&
		variationOf(threads) <= mostVariation &&
		microsecondsOf(threads) <= epollHerd.microseconds
		? {
				processes: busy,
				threads,
				call: 'epoll_wait',
				waiting: sum(threads, thread => waitPercent(thread, isEventWait)) / 100,
				wakesPerConnection,
				...(hidden && {hidden}),
			}
		: undefined;
};

const toCandidate = (group: ProcessGroup, herd: Herd): Candidate => {
	const {processes, threads, call, waiting, wakesPerConnection, hidden} = herd;
	const {pid} = processes[0]!;
	const wakes = sum(threads, thread => orZero(thread.voluntarySwitchesPerSecond));
	const onEvents = call !== 'futex';
	return {
		subject: group.key,
		severity: hidden ? 'warning' : graded(wakes, many.warning, many.critical),
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
							`threads waiting in ${call} at one place, on average`,
							waiting,
							'threads',
							procFile(processes, 'task/*/syscall'),
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
			? [
					{
						what: 'EPOLLEXCLUSIVE on the listening socket, or a socket for each worker with SO_REUSEPORT',
						why: `one connection wakes one worker instead of ${countText(threads.length)}`,
						command: 'nginx: listen 80 reuseport;  C: event.events = EPOLLIN | EPOLLEXCLUSIVE',
					},
					{
						what: 'Or a lock around accept, as servers had before',
						why: 'only one worker then waits for connections at a time',
						command: 'nginx: accept_mutex on;  uWSGI: --thunder-lock',
					},
				]
			: [
					{
						what: 'Wake one: signal instead of broadcast, notify_one instead of notify_all',
						why: `one piece of work needs one of the ${countText(threads.length)} threads; the others find nothing and go back to sleep`,
						command: 'pthread_cond_signal(&condition)',
					},
					{
						what: 'Where different threads wait for different things: a condition variable for each',
						why: 'broadcast is needed only because one condition variable stands for many conditions',
					},
				],
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
  epoll: eight and more workers that wait for events wake equally often, and all together
  at least six times for each connection accepted (PassiveOpens in /proc/net/snmp).

What does not fool it
  Pools whose threads get work one by one: there the rates differ, or each wake does work.
  EPOLLEXCLUSIVE and accept, which wake one or two for a connection.

What /proc can't tell
  Herds on UNIX sockets and pipes: nothing counts what they were woken for.

How to fix it
  signal instead of broadcast; notify_one; one condition variable for each condition.
  EPOLLEXCLUSIVE, SO_REUSEPORT, accept_mutex, uWSGI's --thunder-lock.

Further reading
  man 2 epoll_ctl (EPOLLEXCLUSIVE), man 7 socket (SO_REUSEPORT), man 3 pthread_cond_broadcast
`;

/** Threads that all wake for one piece of work. */
export const thunderingHerd: Rule = {
	name: 'thundering-herd',
	summary: 'many threads wake for one piece of work',
	explanation,
	find: moment =>
		moment.groups.flatMap(group => {
			const herd =
				epollHerdOf(moment, group) ??
				group.processes
					.map(process => conditionHerdOf(moment, process))
					.find(found => found !== undefined);
			return herd ? [toCandidate(group, herd)] : [];
		}),
};
