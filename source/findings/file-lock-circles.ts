import type {Deadlock, FileLock, WaitsFor} from '../model/lock.js';
import type {Process} from '../model/process.js';
import type {Snapshot} from '../model/snapshot.js';
import type {Thread} from '../model/thread.js';
import type {Wait} from '../model/wait.js';
import {circlesOf} from './circles.js';
import {isFileLock} from './file-lock-parts.js';
import {processesByPid} from './recent.js';
import {isStill, someWait, sum} from './thread-facts.js';
import {isUntimedFutex} from './wait-facts.js';

/** The list of locks is read every five seconds; it holds for those that have not run since. */
const holdsSeconds = 6;

/**
Who has a lock on a file is a process, any of whose threads may let go of it. That it waits is known of those that have one thread alone, whose
id is the process's, and of those in which one was seen to wait for a lock, and all others are there for one another: at futexes, or as Go's.
*/
const isAlone = (process: Process | undefined): boolean => process?.threads.length === 1;

const isForOthers = ({runtime}: Process, thread: Thread): boolean =>
	runtime?.name === 'go' || someWait(thread, isUntimedFutex);

/** The thread of a process that waits for a lock on a file; undefined where it may be any of several. */
const waiterIn = (process: Process | undefined): Thread | undefined =>
	isAlone(process)
		? process!.threads[0]
		: process?.threads.find(
				thread =>
					someWait(thread, isFileLock) &&
					process.threads.every(other => other === thread || isForOthers(process, other)),
			);

type Processes = ReadonlyMap<number, Process>;

const lockEdges = (locks: readonly FileLock[], processes: Processes): Map<number, WaitsFor> => {
	const edges = new Map<number, WaitsFor>();
	for (const {kind, path, file, holderPid, waiterPids} of locks) {
		for (const pid of holderPid === undefined ? [] : waiterPids) {
			const waiter = waiterIn(processes.get(pid));
			const holder = waiterIn(processes.get(holderPid!));
			if (waiter && holder) {
				edges.set(waiter.tid, {
					pid,
					tid: waiter.tid,
					what: `${kind} lock on ${path ?? file}`,
					holderPid: holderPid!,
					holderTid: holder.tid,
				});
			}
		}
	}

	return edges;
};

const isForChild = ({kind, timed}: Wait): boolean => kind === 'child' && timed !== true;

const isRefused = ({wait, waits}: Thread): boolean => wait === null && waits === undefined;

/**
The one process that a holder waits for to end: as flock(1) for the command that it runs under its lock, and shells for theirs. Where its wait is
refused that is likely: it sleeps and has one child.
*/
const childEdge = (pid: number, processes: Processes): WaitsFor | undefined => {
	const thread = processes.get(pid)?.threads[0];
	if (
		!thread ||
		!isAlone(processes.get(pid)) ||
		!(isRefused(thread) || someWait(thread, isForChild))
	) {
		return undefined;
	}

	const children = [...processes.values()].filter(({parentPid}) => parentPid === pid);
	const [child] = children;
	return child && children.length === 1
		? {
				pid,
				tid: pid,
				what: `end of process ${child.pid}`,
				holderPid: child.pid,
				holderTid: child.pid,
			}
		: undefined;
};

/** Who waits for whom: for a lock on a file, and from its holders on for children, as far as that leads. */
const edgesOf = (
	locks: readonly FileLock[],
	processes: Processes,
): ReadonlyMap<number, WaitsFor> => {
	const edges = lockEdges(locks, processes);
	for (const {holderPid} of [...edges.values()]) {
		let edge = edges.has(holderPid) ? undefined : childEdge(holderPid, processes);
		while (edge) {
			edges.set(edge.pid, edge);
			edge = edges.has(edge.holderPid) ? undefined : childEdge(edge.holderPid, processes);
		}
	}

	return edges;
};

/** Such a circle; `isAssumed`: what one of them waits for was refused, or another thread of its process may let go of the lock. */
export type FileLockCircle = Deadlock & {isAssumed: boolean};

/**
Processes that wait in a circle for each other's locks on files, by the kernel's list of them (proc_locks(5)). It finds such circles itself
for POSIX locks (EDEADLK, fcntl(2)), not for those of flock(2).
*/
export const fileLockCircles = (
	history: readonly Snapshot[],
	latest: Snapshot,
): readonly FileLockCircle[] => {
	const {fileLocks = [], observedSeconds} = latest;
	if (fileLocks.length === 0) {
		return [];
	}

	const measured = history.filter(
		each =>
			each.intervalSeconds !== undefined && observedSeconds - each.observedSeconds <= holdsSeconds,
	);
	const isStillSince = ({pid}: WaitsFor): boolean =>
		measured.every(
			each => processesByPid(each).get(pid)?.threads.every(isStill) ?? each !== measured.at(-1),
		);
	const processes = processesByPid(latest);
	const waitsForLock = new Set(fileLocks.flatMap(({waiterPids}) => waiterPids));
	const isAssumed = ({pid}: WaitsFor): boolean =>
		!isAlone(processes.get(pid)) ||
		(!waitsForLock.has(pid) && processes.get(pid)!.threads.some(isRefused));
	return circlesOf(edgesOf(fileLocks, processes))
		.filter(({circle}) => circle.every(isStillSince))
		.map(each => ({
			...each,
			isAssumed: each.circle.some(isAssumed),
			since: measured[0]?.takenAt ?? '',
			seconds: sum(measured, ({intervalSeconds}) => intervalSeconds ?? 0),
		}));
};
