import {countText} from '../model/count-text.js';
import type {Evidence, Fix, NextStep, Severity} from '../model/finding.js';
import type {WaitShare} from '../model/wait.js';
import {handOutWork, type Polling, pollingOfGroup} from './group-polling.js';
import {asRoot, fact} from './parts.js';
import {isPython} from './python-version.js';
import type {Candidate, Rule} from './rule.js';
import {fewerThreadsFix, fewerWorkersFix} from './service-advice.js';
import {cpuLimit, orZero, sum} from './thread-facts.js';
import {commonFrame, whereEvidence} from './where.js';
import {measured, plural, roughText} from './words.js';

/** Below, it costs next to nothing; idle databases and runtimes wake some tens of times a second. */
const notableWakes = 200;

/** Many threads that each wake a little are a habit that grows with each worker; once a second is none. */
const notableOfMany = {wakes: 50, threads: 10, wakesOfEach: 2};

const warningWakes = 1000;

/** About half a CPU at the 10 to 40 µs that a wake costs, and the caches of everything else. */
const criticalWakes = 20_000;

/** One thread that ticks a thousand times a second may be what hands out the work: true, but minor. */
const fewTickers = {threads: 1, wakes: 5000};

const severityOf = (wakes: number, threads: number): Severity | undefined => {
	if (threads <= fewTickers.threads && wakes < fewTickers.wakes) {
		return wakes >= notableWakes ? 'notice' : undefined;
	}

	if (wakes >= warningWakes) {
		return wakes >= criticalWakes ? 'critical' : 'warning';
	}

	return wakes >= notableWakes ||
		(wakes >= notableOfMany.wakes &&
			threads >= notableOfMany.threads &&
			wakes / threads >= notableOfMany.wakesOfEach)
		? 'notice'
		: undefined;
};

const waitText = (wait: WaitShare): string => {
	const call = wait.call ?? wait.kind;
	return wait.timeoutMilliseconds === undefined
		? call
		: `${call}, up to ${roughText(wait.timeoutMilliseconds)} ms`;
};

/** The calls that most of the threads wait in, with the longest time limit seen of each. */
const callTexts = ({calls}: Polling): readonly string[] =>
	[...calls.values()]
		.sort((one, other) => other.threads - one.threads)
		.slice(0, 3)
		.map(({wait, threads}) => `${waitText(wait)} (${plural(threads, 'thread')})`);

const evidenceOf = (polling: Polling, machineSwitches: number | undefined): Evidence[] => {
	const {seen, alike, guessed, processes, wakesPerSecond, cpuPercent, timersPerSecond} = polling;
	const pid = processes.length === 1 ? processes[0]!.pid : 'PID';
	const threads = polling.threads.length;
	const evidence: Evidence[] = [
		{
			what: `wakes by a time limit, ${plural(threads, 'thread')} of ${plural(processes.length, 'process')}`,
			value: measured(wakesPerSecond),
			unit: '/s',
			source: `/proc/${pid}/task/*/status`,
		},
		{
			what: 'CPU used a wake: next to no work',
			value: measured((cpuPercent * 10_000) / wakesPerSecond),
			unit: 'µs',
			source: `/proc/${pid}/task/*/schedstat`,
		},
		...whereEvidence('the lines that poll', polling.threads, processes),
		...(seen.length > 0
			? [
					{
						what: 'waits in',
						value: callTexts(polling).join('; '),
						unit: '',
						source: `/proc/${pid}/task/*/syscall`,
					},
				]
			: []),
	];
	if (timersPerSecond !== undefined) {
		const what = `timers that ran out and were nobody else's: what ends the sleep could not be read`;
		evidence.push(fact(what, timersPerSecond, '/s', '/proc/interrupts'));
	} else if (guessed.length > 0) {
		const what = 'told by sleeping equally long each time: what ends their sleep could not be read';
		evidence.push(fact(what, guessed.length, 'threads', `/proc/${pid}/task/*/status`));
	}

	if (alike.length > 0) {
		evidence.push({
			what: 'of these hardly seen in this second, but waiting as the others do, or as idle',
			value: alike.length,
			unit: 'threads',
			source: `/proc/${pid}/task/*/schedstat`,
		});
	}

	if (machineSwitches !== undefined && machineSwitches > wakesPerSecond) {
		evidence.push({
			what: 'share of all context switches of the machine',
			value: measured((wakesPerSecond / machineSwitches) * 100),
			unit: '%',
			source: '/proc/stat',
		});
	}

	return evidence;
};

/** How a queue is waited for without a time limit. */
const blockingCalls: Readonly<Record<string, string>> = {
	cpython: 'item = queue.get()  # and queue.put(None) to end the worker',
	pypy: 'item = queue.get()  # and queue.put(None) to end the worker',
	jvm: 'item = queue.take();',
	ruby: 'item = queue.pop',
};

const fixesOf = ({group, calls, processes}: Polling, cpus: number): Fix[] => {
	const fixes: Fix[] = [];
	if (processes.some(process => isPython(process, 2))) {
		fixes.push({
			what: 'Python 2.7: wait without a time limit; Queue.get(timeout) polls by sleeping 0.5 to 50 ms',
			why: 'its timed waits are a loop of short sleeps; without a time limit, or in Python 3, the thread sleeps until there is work',
			command: blockingCalls['cpython']!,
		});
	}

	const blockingCall = blockingCalls[processes[0]?.runtime?.name ?? ''];
	const longest = Math.max(...[...calls.values()].map(({wait}) => wait.timeoutMilliseconds ?? 0));
	fixes.push({
		what: 'Wait for the event instead of asking for it: a queue, a condition variable, epoll, an eventfd',
		why: 'a thread that is woken when there is work switches once for each piece of it, and not at all when idle',
		...(blockingCall !== undefined && {command: blockingCall}),
	});
	if (longest > 0 && longest < 1000) {
		fixes.push({
			what: `If it must poll: every second instead of every ${roughText(longest)} ms`,
			why: `the same threads then wake ${roughText(1000 / longest)} times less often`,
		});
	}

	const why = 'each idle thread polls for itself, so fewer of them wake in proportion less';
	const advice = [fewerWorkersFix(group, cpus, why), fewerThreadsFix(group, 4, why)];
	return [...fixes, ...advice.filter(fix => fix !== undefined)];
};

const nextOf = ({processes, guessed}: Polling): NextStep[] => {
	const {pid, runtime} = processes[0]!;
	const steps: NextStep[] = [
		...(guessed.some(({wait}) => wait === null) ? [asRoot(pid)] : []),
		{
			what: 'count its calls for ten seconds (slows the process down while it runs)',
			command: `timeout 10 strace -f -c -p ${pid}`,
			needs: 'root or the same user',
		},
	];
	if (runtime?.name === 'cpython') {
		steps.unshift({
			what: 'see which lines poll',
			command: `py-spy dump --pid ${pid}`,
			needs: 'root or the same user',
		});
	} else if (runtime?.name === 'jvm') {
		steps.unshift({
			what: 'see which lines poll',
			command: `jstack ${pid}`,
			needs: 'the same user',
		});
	}

	return steps;
};

const titleOf = ({threads: polling, group, processes, wakesPerSecond}: Polling): string => {
	const threads = polling.length;
	const frame = commonFrame(polling);
	const line = frame === undefined ? '' : ` in ${frame}`;
	const each = wakesPerSecond / threads;
	const where =
		processes.length > 1 ? ` of ${countText(processes.length)} ${group.name} processes` : '';
	const often = each >= 1.5 ? ` ${roughText(each)} times a second` : '';
	return threads === 1
		? `1 thread wakes${often} for nothing${line}`
		: `${plural(threads, 'thread')}${where} wake${often}${often ? ' each' : ''} for nothing${line}: ${roughText(wakesPerSecond)} switches a second`;
};

const explanation = `Idle polling: threads wake at a steady rate, find nothing to do and go back to sleep

What it is
  A thread that sleeps for 50 ms, looks whether there is work, and sleeps again costs two
  context switches each time. One is nothing; 40 workers with 45 threads each are 36,000
  switches a second of an idle service, and they take CPU and caches from what works.

How ctop knows
  By who ends the wait. Its time limit is read: when a thread wakes about as often as the
  limit runs out, it's the limit that wakes it; when it wakes more often (half as often again
  where it sleeps, twice and more elsewhere), it waits for something in between. On top of that
  under 10 % of a CPU a thread and under 250 µs of CPU a wake. Summed over all processes
  of a service: from 200 wakes a second (or 50 by ten threads and more), a warning from 1,000.
  Of CPython's and Java's threads the line of the application that polls is read too.
  Another user's process, without root: four threads and more that sleep equally long each
  time, as long as a usual time limit (5, 10, 50 ms…) or in a crowd, with nobody who hands out
  work, and that do not put one another aside, as threads do that wake each other for a lock.
  Only possible. How long they sleep is what is left of their time after they ran and waited for a
  CPU, over their wakes: a busy machine doesn't change it. On a machine at rest also any threads
  that do next to nothing, when /proc/interrupts counts a timer for each of their wakes, or of
  all processes of a service together for every other one: those may share an interrupt.

What does not fool it
  Event loops with a time limit that never runs out (nginx, Redis, asyncio). Threads that
  wait for Python's GIL, 5 ms at a time. Clients that sleep after each answer. Go's monitor
  thread, housekeeping of the JVM.
  Threads that are given work and in it sleep for a time: they are seen waiting for the work
  too, or wake more often than the limit of their poll runs out, where packets come in.
  One or two threads that tick while others of the program wake about as often: they hand out
  the work. One thread that ticks alone is told, but only as a notice.

How to fix it
  Wait for the event: a blocking queue, a condition variable, epoll, an eventfd, inotify.
  Python 2.7: Queue.get(timeout), Condition.wait(timeout), Event.wait(timeout) and
  Thread.join(timeout) are loops of sleeps from 0.5 to 50 ms; without a time limit they
  sleep until there is work. Python 3 sleeps once.
  Java: take() instead of poll(10, MILLISECONDS), LockSupport.park instead of sleep.
  Clients of message brokers: a longer fetch wait instead of a poll loop.
  Where a poll must stay: a longer interval, fewer threads.

Further reading
  man 7 epoll, man 2 eventfd, man 7 inotify, man 2 select
`;

/** Threads that a time limit wakes for nothing, summed over their service. */
export const idlePolling: Rule = {
	name: 'idle-polling',
	summary: 'threads wake again and again, find nothing to do and go back to sleep',
	explanation,
	find: ({latest, groups, isExplained}) => {
		const candidates: Candidate[] = [];
		for (const group of groups) {
			const switches = sum(group.processes, process => orZero(process.voluntarySwitchesPerSecond));
			if (switches < notableOfMany.wakes) {
				continue;
			}

			const polling = pollingOfGroup(group, latest, isExplained);
			const threads = polling?.threads.length ?? 0;
			const severity = polling && severityOf(polling.wakesPerSecond, threads);
			if (!polling || !severity || handOutWork(polling, latest.processes)) {
				continue;
			}

			const busiest = polling.processes.toSorted(
				(one, other) =>
					orZero(other.voluntarySwitchesPerSecond) - orZero(one.voluntarySwitchesPerSecond),
			)[0]!;
			candidates.push({
				subject: group.key,
				severity,
				confidence: polling.seen.length > 0 ? 'likely' : 'possible',
				pid: busiest.pid,
				pids: polling.processes.map(process => process.pid),
				tids: polling.threads.map(thread => thread.tid),
				title: titleOf(polling),
				evidence: evidenceOf(polling, latest.system.contextSwitchesPerSecond),
				cost: {
					switchesPerSecond: measured(polling.wakesPerSecond),
					cpuPercent: measured(polling.cpuPercent),
				},
				fixes: fixesOf(polling, cpuLimit(busiest, latest.host).cpus),
				next: nextOf(polling),
			});
		}

		return candidates;
	},
};
