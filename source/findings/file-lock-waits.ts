import type {FileLock} from '../model/lock.js';
import type {Process} from '../model/process.js';
import type {Thread} from '../model/thread.js';
import {doNotQueue, heldBy, isFileLock, seeHolder} from './file-lock-parts.js';
import type {ProcessGroup} from './group.js';
import {costOf, fact, procFile} from './parts.js';
import type {Candidate, Moment} from './rule.js';
import {someWait, sum} from './thread-facts.js';
import {activeThreads, isAnyWaiting, waitingIn} from './thread-marks.js';
import {areWaitsHidden, meanWaiting} from './wait-facts.js';
import {mayTakeTurnsToAccept, takeTurnsToAccept} from './waits-for-work.js';
import {plural} from './words.js';

/** Below, somebody waits for a lock now and then. */
const fewestWaiters = 0.5;

/** The lock that most of some processes wait for. */
const fileOf = (locks: readonly FileLock[], pids: readonly number[]): FileLock | undefined => {
	const waitersOf = ({waiterPids}: FileLock): number =>
		waiterPids.filter(pid => pids.includes(pid)).length;
	const [first] = [...locks].sort((one, other) => waitersOf(other) - waitersOf(one));
	return first && waitersOf(first) > 0 ? first : undefined;
};

/** Processes whose threads wait for locks on files, and how many do on average. */
type Waiting = {
	processes: readonly Process[];
	threads: readonly Thread[];
	waiters: number;
	source: string;
};

const none: Waiting = {processes: [], threads: [], waiters: 0, source: ''};

const atFileLocks = waitingIn('file-lock');

const seenWaiting = ({isExplained}: Moment, group: ProcessGroup): Waiting => {
	const processes = group.processes.filter(
		({threads}) =>
			isAnyWaiting(threads, atFileLocks) &&
			threads.some(thread => someWait(thread, isFileLock) && !isExplained(thread.tid)),
	);
	return {
		processes,
		threads: processes.flatMap(process =>
			process.threads.filter(thread => someWait(thread, isFileLock)),
		),
		waiters: sum(processes, process => meanWaiting(process.threads, isFileLock)),
		source: procFile(processes, 'task/*/syscall'),
	};
};

/** The lock of a crowd of equal processes may say whose turn it is to wait for the next connection. */
const isHeldBySibling = ({holderPid, waiterPids}: FileLock, {processes}: ProcessGroup): boolean =>
	processes.some(({pid}) => pid === holderPid) &&
	processes.some(({pid}) => waiterPids.includes(pid));

/** Of processes whose waits are refused: the kernel's own list names each waiter's process, for everybody to read. */
const listedWaiting = ({latest, history, isExplained}: Moment, group: ProcessGroup): Waiting => {
	const pids = (latest.fileLocks ?? []).flatMap(lock =>
		isHeldBySibling(lock, group) && mayTakeTurnsToAccept(group.processes, latest)
			? []
			: lock.waiterPids,
	);
	const processes = group.processes.filter(
		process =>
			pids.includes(process.pid) &&
			areWaitsHidden(history, process) &&
			!process.threads.every(({tid}) => isExplained(tid)),
	);
	return {
		processes,
		threads: processes.flatMap(({threads}) =>
			threads.length === 1 ? threads : activeThreads(threads),
		),
		waiters: sum(processes, ({pid}) => pids.filter(each => each === pid).length),
		source: '/proc/locks',
	};
};

const waitingOf = (moment: Moment, group: ProcessGroup): Waiting => {
	const seen = seenWaiting(moment, group);
	if (seen.waiters === 0) {
		return listedWaiting(moment, group);
	}

	// The lock only says whose turn it is to wait for the next connection.
	return takeTurnsToAccept(group.processes) ? none : seen;
};

/** What a file is called that processes wait for a lock on. */
const fileNameOf = ({threads}: Waiting, lock: FileLock | undefined): string | undefined => {
	const wait = threads
		.flatMap(thread => [thread.wait, ...(thread.waits ?? [])])
		.find(each => each?.kind === 'file-lock' && each.target !== undefined);
	return lock?.path ?? wait?.target ?? lock?.file;
};

/** Those of several services that wait for a lock on the same file. */
type FileWaiting = Waiting & {
	/** Stable as long as it is the same file. */
	key: string;
	file: string | undefined;
	lock: FileLock | undefined;
	names: readonly string[];
};

const together = (one: FileWaiting, other: FileWaiting): FileWaiting => ({
	...one,
	lock: one.lock ?? other.lock,
	processes: [...one.processes, ...other.processes],
	threads: [...one.threads, ...other.threads],
	waiters: one.waiters + other.waiters,
	names: [...new Set([...one.names, ...other.names])],
});

const byFile = (moment: Moment): readonly FileWaiting[] => {
	const files = new Map<string, FileWaiting>();
	for (const group of moment.groups) {
		const waiting = waitingOf(moment, group);
		if (waiting.processes.length > 0) {
			const pids = waiting.processes.map(({pid}) => pid);
			const lock = fileOf(moment.latest.fileLocks ?? [], pids);
			const file = fileNameOf(waiting, lock);
			const key = file ?? group.key;
			const own = {...waiting, key, file, lock, names: [group.name]};
			const known = files.get(key);
			files.set(key, known ? together(known, own) : own);
		}
	}

	return [...files.values()];
};

const toCandidate = ({
	key,
	file,
	lock,
	names,
	processes,
	threads,
	waiters,
	source,
}: FileWaiting): Candidate => {
	const {pid} = processes[0]!;
	// Of one process its threads say more: locks of open file descriptions keep those apart.
	// Of a process whose waits are refused, and whose waiting threads do not run, the list says how many they are, not which.
	const count = Math.max(threads.length, Math.round(waiters));
	const who = processes.length > 1 ? plural(processes.length, 'process') : plural(count, 'thread');
	return {
		subject: `file ${key}`,
		severity: waiters >= 4 ? 'critical' : 'warning',
		confidence: 'certain',
		pid,
		pids: processes.map(process => process.pid),
		tids: threads.map(({tid}) => tid),
		title: `${who} of ${names.join(', ')} wait for a lock on ${file ?? 'a file'}`.replace(
			/^(1 thread .*?) wait /,
			'$1 waits ',
		),
		evidence: [
			fact('threads waiting for a file lock, on average', waiters, 'threads', source),
			...heldBy(lock),
		],
		cost: costOf(processes),
		fixes: [
			{
				what: 'Hold the file lock for less, or one file for each piece of the data',
				why: 'a lock on a file lets one process at a time through, over all processes of the machine',
			},
			doNotQueue,
		],
		next: [
			seeHolder,
			{what: 'see what the holder does', command: `ctop -p ${lock?.holderPid ?? pid}`},
		],
	};
};

/** Processes that wait for locks on files, as the system calls show them, or the kernel's own list. */
export const fileLockWaits = (moment: Moment): readonly Candidate[] =>
	byFile(moment)
		.filter(({waiters}) => waiters >= fewestWaiters)
		.map(toCandidate);
