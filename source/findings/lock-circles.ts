import type {Deadlock, WaitsFor} from '../model/lock.js';
import type {Process} from '../model/process.js';
import {isKnown} from '../model/reading.js';
import type {Snapshot} from '../model/snapshot.js';
import type {Thread} from '../model/thread.js';
import type {Wait} from '../model/wait.js';
import {circlesOf} from './circles.js';
import {lastVersions} from './recent.js';
import {isStill, sharesOf, someWait, sum} from './thread-facts.js';
import {isLockWait, lockOf} from './wait-facts.js';

/** What a thread that has not run waits for, when it is a lock whose holder was read. */
const edgeOf = (process: Process, thread: Thread): WaitsFor | undefined => {
	const isLock = (each: Wait): boolean => each.timed !== true && isLockWait(process, each);
	const wait =
		isStill(thread) && someWait(thread, isLock) ? sharesOf(thread).find(isLock) : undefined;
	const lock = wait && lockOf(process, wait);
	return lock && isKnown(lock.holderTid)
		? {
				pid: process.pid,
				tid: thread.tid,
				lockId: lock.id,
				what: `${lock.kind} ${lock.name}`,
				holderPid: lock.holderPid ?? process.pid,
				holderTid: lock.holderTid,
			}
		: undefined;
};

/** Circles among the threads of some processes that have not run, by the locks' owners. */
export const lockCircles = (
	history: readonly Snapshot[],
	processes: readonly Process[],
): readonly Deadlock[] => {
	const edges = new Map<number, WaitsFor>();
	for (const process of processes) {
		for (const thread of process.locks ? process.threads : []) {
			const edge = edgeOf(process, thread);
			if (edge) {
				edges.set(edge.tid, edge);
			}
		}
	}

	const circles = circlesOf(edges);
	if (circles.length === 0) {
		return [];
	}

	const byPid = new Map(processes.map(process => [process.pid, process]));
	const versionsOf = (pid: number) => lastVersions(history, byPid.get(pid)!);
	const isStillIn = ({pid, tid}: WaitsFor): boolean =>
		versionsOf(pid).every(({threads}) =>
			threads.some(thread => thread.tid === tid && isStill(thread)),
		);
	return circles
		.filter(({circle}) => circle.every(isStillIn))
		.map(({circle, blockedTids}) => {
			const seen = Math.min(...circle.map(({pid}) => versionsOf(pid).length));
			return {
				circle,
				blockedTids,
				since: history.at(-seen)?.takenAt ?? '',
				seconds: sum(history.slice(-seen), each => each.intervalSeconds ?? 0),
			};
		});
};
