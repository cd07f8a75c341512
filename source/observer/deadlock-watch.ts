import {futexLockId} from '../locks/futex-locks.js';
import {blockedBehind, findCircles} from '../locks/wait-for-graph.js';
import type {Deadlock, WaitsFor} from '../model/lock.js';
import type {ProcessEntry, ThreadEntry} from '../sampler/task-entry.js';
import {futexKey} from '../waits/futex.js';
import type {Holder} from './lock-word.js';
import type {OwnThreadIds} from './own-thread-ids.js';

/** Finds threads that wait for each other in a circle. */
export type DeadlockWatch = {
	/** Takes up which threads of a process wait for which others; to be called when one of them has moved. */
	update(process: ProcessEntry): void;
	/** Circles that have held for a second, none of their threads having run meanwhile. */
	find(takenAt: string): readonly Deadlock[];
};

export type DeadlockParts = {
	threads: ReadonlyMap<number, ThreadEntry>;
	ids: OwnThreadIds;
	/** Who holds the lock at an address now, and what the lock is called. */
	holderOf(process: ProcessEntry, key: number): {holder: Holder; name: string} | undefined;
};

/** One thread that waits for another; as long as the waiting one doesn't run, it still does. */
type Edge = {
	entry: ThreadEntry;
	slices: number;
	key: number;
	lockId: string | undefined;
	what: string;
	holder: Holder;
};

type Circle = {since: string; seenAt: number};

const millisecondsToHold = 1000;

export const createDeadlockWatch = ({threads, ids, holderOf}: DeadlockParts): DeadlockWatch => {
	const edges = new Map<number, Edge>();
	let circles = new Map<string, Circle>();

	const endOf = (process: ProcessEntry, ownTid: number | undefined) => {
		const tid = ownTid === undefined ? undefined : ids.tidOf(process, ownTid);
		return tid === undefined
			? undefined
			: {holder: {tid, pid: process.pid}, what: `end of thread ${tid}`, lockId: undefined};
	};

	const lockOf = (process: ProcessEntry, key: number) => {
		const found = holderOf(process, key);
		return found && {holder: found.holder, what: found.name, lockId: futexLockId(key)};
	};

	/** Waits with a time limit end by themselves. */
	const edgeOf = (entry: ThreadEntry): Edge | undefined => {
		const {wait, settled, process, slices} = entry;
		if (!wait?.futexAddress || !settled || wait.timed) {
			return undefined;
		}

		const key = futexKey(Number(wait.futexAddress));
		const found = wait.kind === 'join' ? endOf(process, wait.joinedTid) : lockOf(process, key);
		return found && {entry, slices, key, ...found};
	};

	const isStill = ({entry, slices, holder}: Edge): boolean =>
		!entry.dead && entry.slices === slices && entry.settled && threads.has(holder.tid);

	/** Asks the locks of a circle once more who has them. */
	const isConfirmed = (circle: readonly Edge[]): boolean =>
		circle.every(edge => edgeOf(edge.entry)?.holder.tid === edge.holder.tid);

	const describe = ({entry, lockId, what, holder}: Edge): WaitsFor => ({
		pid: entry.process.pid,
		tid: entry.tid,
		...(lockId !== undefined && {lockId}),
		what,
		holderPid: holder.pid,
		holderTid: holder.tid,
	});

	return {
		update(process) {
			for (const entry of process.threads.values()) {
				const edge = edgeOf(entry);
				if (edge) {
					edges.set(entry.tid, edge);
				} else {
					edges.delete(entry.tid);
				}
			}
		},
		find(takenAt) {
			for (const [tid, edge] of edges) {
				if (!isStill(edge)) {
					edges.delete(tid);
				}
			}

			const graph = new Map([...edges].map(([tid, {holder}]) => [tid, holder.tid]));
			const now = performance.now();
			const seen = new Map<string, Circle>();
			const found: Deadlock[] = [];
			for (const circle of findCircles(graph)) {
				const ofCircle = circle.map(tid => edges.get(tid)!);
				if (!isConfirmed(ofCircle)) {
					continue;
				}

				const id = ofCircle.map(({entry, key, slices}) => `${entry.tid}:${key}:${slices}`).join();
				const known = circles.get(id) ?? {since: takenAt, seenAt: now};
				seen.set(id, known);
				if (now - known.seenAt >= millisecondsToHold) {
					found.push({
						circle: ofCircle.map(describe),
						blockedTids: blockedBehind(graph, circle),
						since: known.since,
						seconds: (now - known.seenAt) / 1000,
					});
				}
			}

			circles = seen;
			return found;
		},
	};
};
