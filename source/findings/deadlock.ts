import type {Fix} from '../model/finding.js';
import type {Deadlock} from '../model/lock.js';
import type {Process} from '../model/process.js';
import type {Snapshot} from '../model/snapshot.js';
import {type FileLockCircle, fileLockCircles} from './file-lock-circles.js';
import {lockCircles} from './lock-circles.js';
import {oneForService} from './one-for-service.js';
import {costOf, fact, stackStep, threadText} from './parts.js';
import {processCircles} from './process-circles.js';
import type {Candidate, Rule} from './rule.js';
import {inFrame} from './where.js';
import {plural} from './words.js';

const lineOf = (processes: readonly Process[], pid: number, tid: number): string => {
	const process = processes.find(each => each.pid === pid);
	return process ? inFrame(process, tid) : '';
};

const titleOf = ({circle, blockedTids}: Deadlock): string => {
	const others =
		blockedTids.length > 0 ? `, ${plural(blockedTids.length, 'thread')} behind them` : '';
	return circle.length === 1
		? `Deadlock: a thread waits for what it has itself${others.replace('them', 'it')}`
		: `Deadlock: ${plural(circle.length, 'thread')} wait for each other in a circle${others}`;
};

const oneOrder = {
	what: 'Take these locks in one order everywhere, or both at once (std::scoped_lock, try-lock and back off)',
	why: 'a circle needs two threads that take the same locks in different orders',
};

const takenTwice = {
	what: 'Do not take the lock again where it is held already: split the function into one that locks and one that is called with it held. In tests, an error-checking mutex makes the second lock fail',
	why: 'the thread waits for itself to unlock, in a call below the one that locked',
	command: 'pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK)',
};

const oneOrderOfFiles = {
	what: 'Lock these files in one order everywhere; or take the second one only if it is free, and give the first one back if it is not',
	why: 'the kernel finds such circles for fcntl locks (EDEADLK), for those of flock it does not',
	command: 'flock --nonblock SECOND COMMAND',
};

const lockedTwice = {
	what: 'Do not lock the file again through another descriptor: keep the one that has the lock, or unlock it first',
	why: 'a lock of flock belongs to the open file, not to the process: a second open of it waits for the first',
};

const firstFixOf = ({circle}: Deadlock, isOfFiles: boolean): Fix => {
	if (circle.length === 1) {
		return isOfFiles ? lockedTwice : takenTwice;
	}

	return isOfFiles ? oneOrderOfFiles : oneOrder;
};

const toCandidate = (deadlock: Deadlock | FileLockCircle, latest: Snapshot): Candidate => {
	const isOfFiles = 'isAssumed' in deadlock;
	const {circle, blockedTids, seconds} = deadlock;
	const pids = [...new Set(circle.map(({pid}) => pid))];
	const processes = latest.processes.filter(({pid}) => pids.includes(pid));
	const [first] = circle;
	const threads = new Map(
		processes.flatMap(process => process.threads.map(thread => [thread.tid, thread] as const)),
	);
	const nameOf = (tid: number) => threadText(tid, threads.get(tid));
	return {
		subject: circle
			.map(({pid, tid}) => `${pid}:${tid}`)
			.sort()
			.join(' '),
		severity: 'critical',
		confidence: isOfFiles && deadlock.isAssumed ? 'likely' : 'certain',
		pid: first!.pid,
		pids,
		tids: [...new Set([...circle.map(({tid}) => tid), ...blockedTids])],
		title: titleOf(deadlock),
		evidence: [
			...circle.map(({tid, pid, what, holderTid}) =>
				fact(
					`thread ${nameOf(tid)} waits for`,
					`${what}, held by ${nameOf(holderTid)}${lineOf(processes, pid, tid)}`,
					'',
					isOfFiles ? '/proc/locks' : `/proc/${pid}/mem`,
				),
			),
			fact('seen for', seconds, 's', `/proc/${first!.pid}/task/*/schedstat`),
		],
		cost: costOf(processes),
		fixes: [
			firstFixOf(deadlock, isOfFiles),
			{
				what: 'To get going again: restart it; nothing inside can end this',
				why: 'none of the threads in the circle can run, and each one holds what the next one needs',
			},
		],
		next: processes[0]
			? [stackStep(processes[0], 'before the restart, keep the stacks: they name the code')]
			: [],
	};
};

const explanation = `Deadlock: threads wait for each other in a circle

What it is
  One thread holds lock A and waits for B, another holds B and waits for A: neither ever
  runs again, and whoever needs A or B after them waits too. The process looks idle.

How ctop knows
  A mutex of glibc keeps the id of its owner beside its word, the JVM that of a monitor or a
  ReentrantLock. ctop reads it for each lock that threads wait at, goes from waiter to owner
  to what that one waits for, and tells when it comes back to where it began, while none of
  the threads has run (Java's wake once a second to look after it). That is certain. So are
  circles of processes with one thread each over locks on files, which /proc/locks lists for
  everybody to read. Where one of these waits for its child, as flock(1) does, and that can't
  be read, it is likely; so it is of processes with more threads, where those wait for others
  of their process, at futexes or as Go's do.
  Processes also wait in circles at pipes: each writes to a full one, or reads from an empty
  one, that the next alone has the other end of, or waits for it as its child. ctop looks for
  the ends through what all processes have open. Where others have the end to read a full pipe
  from too, and stand still as well, that is a circle all the same. That is likely, because the
  handler of a signal may still wake one.

What does not fool it
  Long waits behind one slow holder: that is no circle (see stuck-lock). Idle pools.

What /proc can't tell
  Locks that keep no owner: semaphores, Python's and Go's locks, readers of a rwlock. Two
  Python threads in a deadlock look like an idle pool; py-spy dump shows where they stand.

How to fix it
  Pipes: read while you write (communicate() in Python), and before you wait for a child.
  One order for all locks. Both locks at once. No lock held while calling foreign code.
  Try-locks with a way back. In tests: ThreadSanitizer, helgrind.

Further reading
  man 3 pthread_mutex_lock, clang.llvm.org/docs/ThreadSanitizer.html
`;

/** Threads that wait for each other in a circle, proven by the owners of their locks. */
export const deadlock: Rule = {
	name: 'deadlock',
	summary: 'threads wait for each other in a circle that never ends',
	explanation,
	find: moment => {
		const {latest, history} = moment;
		const told = latest.deadlocks ?? [];
		const pids = new Set(told.flatMap(({circle}) => circle.map(({pid}) => pid)));
		const others = lockCircles(
			history,
			latest.processes.filter(({pid}) => !pids.has(pid)),
		);
		const ofLocks = [...told, ...others, ...fileLockCircles(history, latest)];
		return oneForService(
			[...ofLocks.map(each => toCandidate(each, latest)), ...processCircles(moment)],
			moment,
		);
	},
};
