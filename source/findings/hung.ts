import type {ClosedSet} from '../model/closed-set.js';
import type {Evidence} from '../model/finding.js';
import type {Process} from '../model/process.js';
import type {Thread} from '../model/thread.js';
import {closedSetEvidence, closedSetTitle, isUnexplained, membersOf} from './closed-set-parts.js';
import {processKey, processName} from './group.js';
import {speakingForAll} from './one-for-service.js';
import {costOf, fact, stackStep} from './parts.js';
import {lastVersions} from './recent.js';
import type {Candidate, Moment, Rule} from './rule.js';
import {sharesOf} from './thread-facts.js';
import {areAllMarked, marks} from './thread-marks.js';
import {whereEvidence} from './where.js';

/** A thread alone may wait for a signal: of those the observer looks at what they do with signals. */
const fewestThreads = 2;

/** None of them runs, and each waits for another one of them. */
const waitForEachOther = ({threads}: Process): boolean =>
	areAllMarked(threads, marks.still | marks.endless);

const isHung = (moment: Moment, process: Process): boolean =>
	process.threads.length >= fewestThreads &&
	waitForEachOther(process) &&
	isUnexplained(moment, process) &&
	// As long as nothing of it moves it is the same object.
	lastVersions(moment.history, process).every(
		version => version === process || waitForEachOther(version),
	);

const privateEvidence = ({pid, threads}: Process): readonly Evidence[] => {
	const places = new Set(
		threads.flatMap(thread => sharesOf(thread).map(({futexAddress}) => futexAddress)),
	);
	return [
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
		fact('futex words that they wait at', places.size, '', `/proc/${pid}/task/*/syscall`),
	];
};

type Hung = {
	/** Those that wait for each other: most often one alone. */
	members: readonly Process[];
	/** What they have open, where they wait for more than words of their own memory. */
	set?: ClosedSet;
};

const titleOf = (members: readonly Process[], threadCount: number): string =>
	threadCount === 1
		? `Hung: the only thread of ${processName(members[0]!)} waits, and nobody is left to wake it`
		: `Hung: ${closedSetTitle(members)} wait for each other, and nobody is left to wake them`;

const toCandidate = ({members, set}: Hung, subject: string): Candidate => {
	const first = members[0]!;
	const threads: readonly Thread[] = members.flatMap(({threads: own}) => own);
	const one = members.length === 1;
	return {
		subject,
		severity: 'warning',
		confidence: 'likely',
		pid: first.pid,
		pids: members.map(({pid}) => pid),
		tids: threads.map(({tid}) => tid),
		title: titleOf(members, threads.length),
		evidence: [
			...(set && set.objects > 0 ? closedSetEvidence(set, members) : privateEvidence(first)),
			...whereEvidence('the lines that wait', threads, members),
			fact(
				'switches of all their threads',
				0,
				'/s',
				`/proc/${one ? first.pid : 'PID'}/task/*/schedstat`,
			),
		],
		cost: costOf(members),
		fixes: [
			{
				what: `Keep the stacks, then restart ${one ? 'it' : 'all of them'}`,
				why: `only a signal can still reach ${one ? 'it: each wait can be ended by a thread of the same process only' : 'them: each wait can be ended by a thread of these processes only'}, and all wait`,
			},
			{
				what: 'Look for the wake that was lost: a condition checked without its mutex, a lock held by a thread or process that has ended, a queue without a producer, an end of a pipe that its own reader keeps open',
				why: 'the last thread that could wake another one went to sleep itself',
			},
		],
		next: [stackStep(first, 'see where each thread stands')],
	};
};

const explanation = `Hung: every thread of a process, or of several, waits for another one of them

What it is
  All threads sleep in waits that only they themselves can end: condition variables, locks,
  semaphores, joins, pipes and eventfds that nobody else has open, children that are hung
  with them, all without a time limit. A deadlock, a wake that was lost, a lock in shared
  memory whose holder was killed, or one that another thread had when the process forked.

How ctop knows
  The system call of every thread is a futex wait without a time limit (or a join), and no
  counter has moved for three seconds. Where threads wait at pipes, eventfds, epoll sets of
  them, semaphores in shared memory or for children, ctop looks once through what all
  processes have open (the first 1,024 files of each, where what is inherited lies), and
  tells it only where nobody but those that are hung has an end. A thread that is alone in its
  process is told where that handles no signal by which people ask for something (SIGTERM,
  SIGHUP, SIGUSR1…). Processes that wait in a circle, each for one other, are a deadlock.
  That is likely and not certain, because a signal's handler may still wake one: Python
  programs whose main thread waits at an Event for SIGTERM look the same when all their other
  threads are idle for good.

What does not fool it
  Pools at rest: somebody there waits for work from outside: at a socket, a terminal, a pipe
  from another program, a timer. JVMs, which always keep a timer. Files, pipes and memory of
  a name, which anybody may open. Who only waits for a hung child is not counted.

What /proc can't tell
  A part of a program that hangs while another part lives. Event loops that have handlers for
  signals and nothing else to wait for: they may wait for those. Whatever goes through
  sockets, pairs of them included. Without root often who else has a pipe: then nothing is
  told.

How to fix it
  py-spy dump, jstack, gdb: the stacks say who waits for whom. Time limits on waits that must
  end. Robust mutexes in shared memory. Each process closes the ends of pipes that it does
  not use. Daemon threads, or a sentinel in the queue, for workers at the end of a program.

Further reading
  man 2 futex, man 3 pthread_cond_wait, man 3 pthread_mutexattr_setrobust, man 7 pipe
`;

const ofFamilies = (moment: Moment, sets: readonly ClosedSet[]): readonly Candidate[] =>
	sets.flatMap(set => {
		const members = membersOf(moment, set.pids);
		return members ? [toCandidate({members, set}, members.map(processKey).join(' '))] : [];
	});

/** Processes that nothing inside can wake any more. */
export const hung: Rule = {
	name: 'hung',
	summary: 'every thread of a process, or of several, waits for another one of them',
	explanation,
	find(moment) {
		const sets = moment.latest.closedSets ?? [];
		const families = sets.filter(({pids}) => pids.length > 1);
		const alone = new Map(
			sets.filter(({pids}) => pids.length === 1).map(set => [set.pids[0]!, set]),
		);
		const inFamilies = new Set(families.flatMap(({pids}) => pids));
		const isAlone = (process: Process): boolean => {
			const set = alone.get(process.pid);
			return set === undefined
				? !inFamilies.has(process.pid) && isHung(moment, process)
				: membersOf(moment, set.pids) !== undefined;
		};
		const ofProcesses = moment.groups.flatMap(group => {
			const processes = group.processes.filter(isAlone);
			const [first] = processes;
			const set = first && alone.get(first.pid);
			const one = first && toCandidate({members: [first], ...(set && {set})}, group.key);
			if (!one || processes.length === 1) {
				return one ?? [];
			}

			const all = {
				pids: processes.map(({pid}) => pid),
				tids: processes.flatMap(({threads}) => threads.map(({tid}) => tid)),
				cost: costOf(processes),
			};
			return [speakingForAll(one, all, group)];
		});
		return [...ofFamilies(moment, families), ...ofProcesses];
	},
};
