import type {Process} from '../model/process.js';
import {speakingForAll} from './one-for-service.js';
import {costOf, fact, stackStep} from './parts.js';
import {lastVersions} from './recent.js';
import type {Candidate, Moment, Rule} from './rule.js';
import {sharesOf} from './thread-facts.js';
import {areAllMarked, marks} from './thread-marks.js';
import {whereEvidence} from './where.js';
import {plural} from './words.js';

/** A thread alone may wait for a signal; programs that do so have no others. */
const fewestThreads = 2;

/** None of them runs, and each waits for another one of them. */
const waitForEachOther = ({threads}: Process): boolean =>
	areAllMarked(threads, marks.still | marks.endless);

const isHung = ({history, isExplained}: Moment, process: Process): boolean =>
	process.threads.length >= fewestThreads &&
	waitForEachOther(process) &&
	!process.threads.some(({tid}) => isExplained(tid)) &&
	// As long as nothing of it moves it is the same object.
	lastVersions(history, process).every(version => version === process || waitForEachOther(version));

const toCandidate = (process: Process, subject: string): Candidate => {
	const {pid, name, threads} = process;
	const places = new Set(
		threads.flatMap(thread => sharesOf(thread).map(({futexAddress}) => futexAddress)),
	);
	return {
		subject,
		severity: 'warning',
		confidence: 'likely',
		pid,
		pids: [pid],
		tids: threads.map(({tid}) => tid),
		title: `Hung: all ${plural(threads.length, 'thread')} of ${name} wait for each other, and nobody is left to wake them`,
		evidence: [
			fact(
				'threads that wait without a time limit for another thread',
				threads.length,
				'threads',
				`/proc/${pid}/task/*/syscall`,
			),
			fact(
				'threads that wait for anything else (time, data, children, signals)',
				0,
				'threads',
				`/proc/${pid}/task/*/syscall`,
			),
			...whereEvidence('the lines that wait', threads, [process]),
			fact('futex words that they wait at', places.size, '', `/proc/${pid}/task/*/syscall`),
			fact('switches of all its threads', 0, '/s', `/proc/${pid}/task/*/schedstat`),
		],
		cost: costOf([process]),
		fixes: [
			{
				what: 'Keep the stacks, then restart it',
				why: 'only a signal can still reach it: each wait can be ended by a thread of the same process only, and all wait',
			},
			{
				what: 'Look for the wake that was lost: a condition checked without its mutex, a lock held by a thread that has ended, a queue without a producer',
				why: 'the last thread that could wake another one went to sleep itself',
			},
		],
		next: [stackStep(process, 'see where each thread stands')],
	};
};

const explanation = `Hung: every thread of a process waits for another one of it

What it is
  All threads sleep in waits that only a thread of the same process can end: condition
  variables, locks, semaphores, joins, without a time limit. None waits for data, time,
  children or signals. A deadlock, or a wake that was lost.

How ctop knows
  The system call of every thread is a private futex wait without a time limit (or a join),
  and no counter has moved for three seconds. That is likely and not certain, because a
  signal's handler may still wake one: Python programs whose main thread waits at an Event
  for SIGTERM look the same when all their other threads are idle for good.

What does not fool it
  Pools at rest: somebody there waits for work from outside. JVMs, which always keep a timer.

What /proc can't tell
  A part of a program that hangs while another part lives.

How to fix it
  py-spy dump, jstack, gdb: the stacks say who waits for whom. Time limits on waits that must
  end. Daemon threads, or a sentinel in the queue, for workers at the end of a program.

Further reading
  man 2 futex, man 3 pthread_cond_wait
`;

/** Processes that nothing inside can wake any more. */
export const hung: Rule = {
	name: 'hung',
	summary: 'every thread of a process waits for another one of it',
	explanation,
	find: moment =>
		moment.groups.flatMap(group => {
			const processes = group.processes.filter(process => isHung(moment, process));
			const [first] = processes;
			const one = first && toCandidate(first, group.key);
			if (!one || processes.length === 1) {
				return one ?? [];
			}

			const all = {
				pids: processes.map(({pid}) => pid),
				tids: processes.flatMap(({threads}) => threads.map(({tid}) => tid)),
				cost: costOf(processes),
			};
			return [speakingForAll(one, all, group)];
		}),
};
