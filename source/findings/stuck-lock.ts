import type {Evidence} from '../model/finding.js';
import type {Process} from '../model/process.js';
import {isKnown} from '../model/reading.js';
import type {Thread} from '../model/thread.js';
import type {Wait} from '../model/wait.js';
import {processName} from './group.js';
import {oneForService} from './one-for-service.js';
import {costOf, fact, graded, stackStep, threadText} from './parts.js';
import {lastVersions, processesByPid} from './recent.js';
import type {Candidate, Moment, Rule} from './rule.js';
import {stuckFileLocks} from './stuck-file-locks.js';
import {stuckPythonWords} from './stuck-python-lock.js';
import {stuckSessions} from './stuck-sessions.js';
import {isStill, mainWait, someWait} from './thread-facts.js';
import {marks, threadsMarked, waitingIn} from './thread-marks.js';
import {
	crowdedPlaces,
	isLockWait,
	lockOf,
	type MatchWait,
	type Place,
	wordOf,
} from './wait-facts.js';
import {waitsForWork} from './waits-for-work.js';
import {inFrame, threadsOf, whereEvidence} from './where.js';
import {plural} from './words.js';

const many = {warning: 1, critical: 8};

/**
A thread that never runs proves nothing by the value it waits for: an idle one at a condition variable of Rust's may happen to
have that of a lock. glibc's calls say more, and so does a stack, which the lock's confidence tells.
*/
const isSurelyLock = (process: Process, wait: Wait): boolean => {
	const lock = lockOf(process, wait);
	return lock === undefined
		? wait.kind === 'lock' || (wait.futexRealtime === true && isLockWait(process, wait))
		: lock.confidence !== 'possible' && isLockWait(process, wait);
};

const atFutexes = waitingIn('futex');

/** Threads that did not run in the last seconds and wait for a lock. */
const stuckThreads = (
	{history, isExplained}: Moment,
	process: Process,
	isLock: MatchWait,
): readonly Thread[] => {
	const isForLock = (wait: Wait) => wait.timed !== true && isLock(wait);
	// Nothing else is a lock for sure, unless it was recognised.
	const waiting = marks.lockCall | (process.locks?.length ? atFutexes : 0);
	const stuck = threadsMarked(process.threads, marks.still, waiting).filter(
		thread => !isExplained(thread.tid) && someWait(thread, isForLock),
	);
	if (stuck.length === 0) {
		return stuck;
	}

	const versions = lastVersions(history, process).map(
		version => new Map(version.threads.map(thread => [thread.tid, thread])),
	);
	return stuck.filter(({tid}) => versions.every(version => isStill(version.get(tid) ?? stuck[0]!)));
};

/** Who has the lock: of one in shared memory a thread of any process. */
type Holder = {process: Process; thread: Thread};

const holderOf = (own: Process, {lock}: Place, {latest}: Moment): Holder | undefined => {
	const process = lock?.holderPid === undefined ? own : processesByPid(latest).get(lock.holderPid);
	const thread = isKnown(lock?.holderTid)
		? process?.threads.find(({tid}) => tid === lock?.holderTid)
		: undefined;
	return process && thread && {process, thread};
};

/**
A private lock that all threads of a process wait for, and of which none has it: whoever took it is in another process, which was forked
meanwhile, or has ended. Nobody is left to unlock it, which is told as that where nothing else can wake them either.
*/
const isLeftBehind = (process: Process, {lock, tids}: Place, {latest}: Moment): boolean =>
	lock?.sharedId === undefined &&
	tids.length === process.threads.length &&
	(latest.closedSets ?? []).some(({pids}) => pids.length === 1 && pids[0] === process.pid);

const doingOf = (holder: Thread): string => {
	const wait = mainWait(holder);
	return wait === undefined ? 'runs' : `sleeps in ${wait.call ?? wait.kind}`;
};

const ofProcess = (own: Process, {process}: Holder): string =>
	process === own ? '' : ` of process ${process.pid} (${processName(process)})`;

const holderEvidence = (process: Process, place: Place, holder: Holder | undefined): Evidence[] => {
	const source = `/proc/${process.pid}/mem`;
	if (holder) {
		const {tid} = holder.thread;
		return [
			fact(
				'held by thread',
				`${threadText(tid, holder.thread)}${ofProcess(process, holder)}${inFrame(holder.process, tid)}`,
				'',
				source,
			),
			fact(
				'which meanwhile',
				doingOf(holder.thread),
				'',
				`/proc/${holder.process.pid}/task/${tid}/syscall`,
			),
		];
	}

	const note = place.lock?.holderNote;
	return note === undefined ? [] : [fact('holder', note, '', source)];
};

/** Places of which nobody knows who has the lock are one trouble: their threads may wait for each other. */
type Stuck = {places: readonly Place[]; holder?: Holder};

const toCandidate = (process: Process, {places, holder}: Stuck): Candidate => {
	const {pid} = process;
	const [place] = places as [Place, ...Place[]];
	const tids = places.flatMap(each => each.tids);
	const waiters = tids.length;
	const locks =
		places.length === 1
			? "a lock that doesn't move"
			: `${places.length} locks that don't move, perhaps for each other`;
	const who = holder
		? `, held by thread ${holder.thread.tid}${ofProcess(process, holder)}, which ${doingOf(holder.thread)}`
		: '';
	const threads = threadsOf(process, tids);
	return {
		subject: `${pid}:${process.startTimeTicks} ${place.word}`,
		severity: graded(waiters, many.warning, many.critical),
		confidence: holder ? 'certain' : 'likely',
		pid,
		pids: [pid],
		tids,
		title: `Stuck: ${plural(waiters, 'thread')} wait for ${locks}${who}`.replace(
			/^(Stuck: 1 thread) wait /,
			'$1 waits ',
		),
		evidence: [
			fact('threads waiting that have not run', waiters, 'threads', `/proc/${pid}/task/*/syscall`),
			...whereEvidence('the lines that wait for it', threads, [process]),
			...holderEvidence(process, place, holder),
			...places.map(({lock, wait, word}) =>
				fact('the lock', lock?.name ?? wait.region ?? word, '', `/proc/${pid}/maps`),
			),
			fact('switches of those threads', 0, '/s', `/proc/${pid}/task/*/status`),
		],
		cost: costOf(threads),
		fixes: [
			{
				what: 'Let the holder unlock before it sleeps: no I/O, no sleep, no wait for another thread under this lock',
				why: 'everybody who needs the lock stands still for as long as its holder does',
			},
			{
				what: 'A time limit on what the holder waits for, and on the lock where the program can go on without it',
				why: 'a peer that never answers then costs seconds instead of the whole service',
				command: 'pthread_mutex_timedlock(&mutex, &deadline)',
			},
		],
		next: [
			stackStep(holder?.process ?? process, 'see what the holder is in the middle of'),
			{
				what: 'watch the holder alone for its next move',
				command: holder ? `strace -p ${holder.thread.tid}` : `strace -f -p ${pid}`,
				needs: 'root or the same user',
			},
		],
	};
};

const stuckAt = (places: readonly Place[], process: Process, moment: Moment): readonly Stuck[] => {
	const unowned: Place[] = [];
	const owned: Stuck[] = [];
	for (const place of places) {
		const holder = holderOf(process, place, moment);
		if (holder === undefined && !isLeftBehind(process, place, moment)) {
			unowned.push(place);
		} else if (holder !== undefined && !waitsForWork(holder.thread)) {
			owned.push({places: [place], holder});
		}
	}

	return unowned.length > 0 ? [...owned, {places: unowned}] : owned;
};

const explanation = `Stuck lock: threads wait on a lock whose holder does not move

What it is
  Threads that have not run for seconds because they wait for a lock that nobody lets go of:
  its holder sleeps on a socket, a disk, a timer or another thread, computes for long, or
  has ended without unlocking.

How ctop knows
  The waiters sit in a futex call that only glibc's mutexes and rwlocks make (WAIT with the
  value 2; the values 2 and 3), or a RwLock of Rust's is taken where they wait, without a time
  limit, and their counters do not move. Where the lock keeps its owner, ctop reads who it is,
  in another process too if they share it, and what that thread is doing: certain.
  Locks on files: /proc/locks names who took one, and what processes have open who shares it;
  with the holder all processes below it stand still: a command that works under flock(1)
  is no such. PostgreSQL's sessions say in their titles that they wait, or are idle in a
  transaction; where none is at work it is one of the idle ones that has the lock: likely.
  Python's locks are semaphores: there the stacks say that threads want an RLock, or a Lock
  that a line of the program itself takes. That is likely.

What does not fool it
  Idle pools: they wait at condition variables and semaphores, or for the lock of the one
  that waits for the next connection (epoll_wait, accept), as in uWSGI and Apache. A lock
  that moves slowly is lock-contention, held for long. A circle of owners is a deadlock.

What /proc can't tell
  Locks that look like an idle pool from outside: semaphores, Go's and Java's own.

How to fix it
  Unlock before anything that may sleep. Time limits on network calls. Robust mutexes
  (PTHREAD_MUTEX_ROBUST) where a holder may die.

Further reading
  man 2 futex, man 3 pthread_mutexattr_setrobust, man 3 pthread_mutex_timedlock
`;

/** Threads that wait for a lock that nobody lets go of. */
export const stuckLock: Rule = {
	name: 'stuck-lock',
	summary: 'threads wait on a lock whose holder itself sleeps or does not move',
	explanation,
	find: moment => {
		const candidates = moment.groups.flatMap(group =>
			group.processes.flatMap(process => {
				const words = stuckPythonWords(process);
				const isLock = (wait: Wait) =>
					isSurelyLock(process, wait) ||
					(wait.futexAddress !== undefined && words.has(wordOf(wait.futexAddress)));
				const threads = stuckThreads(moment, process, isLock);
				const places = threads.length > 0 ? crowdedPlaces(process, threads, isLock) : [];
				return stuckAt(places, process, moment).map(each => toCandidate(process, each));
			}),
		);
		return [
			...oneForService(candidates, moment),
			...stuckFileLocks(moment),
			...moment.groups.flatMap(group => stuckSessions(group, moment)),
		];
	},
};
