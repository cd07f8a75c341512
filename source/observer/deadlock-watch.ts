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
	find(takenAt: string, ofRuntimes?: readonly RuntimeEdge[]): readonly Deadlock[];
};

/** A thread that waits for another one by what its language runtime keeps, at this moment. */
export type RuntimeEdge = {
	entry: ThreadEntry;
	lockId: string;
	what: string;
	holder: Holder;
	/** The same text as long as the thread stands at the same place and waits for the same lock. */
	mark: string;
	/** Who has the lock when it is read once more; undefined when the thread stands elsewhere by now. */
	readAgain(): number | undefined;
};

export type DeadlockParts = {
	threads: ReadonlyMap<number, ThreadEntry>;
	ids: OwnThreadIds;
	/** Who holds the lock at an address now, and what the lock is called. */
	holderOf(process: ProcessEntry, key: number): {holder: Holder; name: string} | undefined;
};

/** One thread that waits for another; as long as the waiting one doesn't run, it still does. */
type Edge = Omit<RuntimeEdge, 'lockId'> & {
	slices: number;
	lockId: string | undefined;
};

/** `slices` of all its threads when it was seen first; it stands since then at least. */
type Circle = {standsSince: number; slices: number};

const millisecondsToHold = 1000;

/** HotSpot's waiters for a monitor wake to look after it: at first after 1, 8, 64, 512 ms, then once a second (up to JDK 23). */
const wakesOfRuntimes = {atFirst: 8, perSecond: 3};

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
		return (
			found && {
				entry,
				slices,
				mark: `${entry.tid}:${key}:${slices}`,
				readAgain: () => edgeOf(entry)?.holder.tid,
				...found,
			}
		);
	};

	const isStill = ({entry, slices, holder}: Edge): boolean =>
		!entry.dead && entry.slices === slices && entry.settled && threads.has(holder.tid);

	/** Asks the locks of a circle once more who has them. */
	const isConfirmed = (circle: readonly Edge[]): boolean =>
		circle.every(({readAgain, holder}) => readAgain() === holder.tid);

	/** Threads that ran more than their runtime has them look after the lock are in no deadlock. */
	const hasRested = (wakes: number, seconds: number, threadCount: number): boolean =>
		wakes <= threadCount * (wakesOfRuntimes.atFirst + wakesOfRuntimes.perSecond * seconds);

	/** What is known of a circle from before, unless its threads have run since; else that it is seen for the first time. */
	const lookAt = (circle: readonly Edge[], before: Circle | undefined, now: number): Circle => {
		const slices = circle.reduce((sum, edge) => sum + edge.slices, 0);
		const seconds = before === undefined ? 0 : (now - before.standsSince) / 1000;
		if (before && hasRested(slices - before.slices, seconds, circle.length)) {
			return before;
		}

		// A thread that doesn't run waits for what it waited for, and keeps what it has.
		const ranAt = Math.max(...circle.map(({entry}) => entry.ranAtMilliseconds));
		return {standsSince: Math.min(now, ranAt), slices};
	};

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
		find(takenAt, ofRuntimes = []) {
			for (const [tid, edge] of edges) {
				if (!isStill(edge)) {
					edges.delete(tid);
				}
			}

			const all = new Map(edges);
			for (const edge of ofRuntimes) {
				all.set(edge.entry.tid, {...edge, slices: edge.entry.slices});
			}

			const graph = new Map([...all].map(([tid, {holder}]) => [tid, holder.tid]));
			const now = performance.now();
			const seenNow = new Map<string, Circle>();
			const found: Deadlock[] = [];
			for (const circle of findCircles(graph)) {
				const ofCircle = circle.map(tid => all.get(tid)!);
				if (!isConfirmed(ofCircle)) {
					continue;
				}

				const id = ofCircle.map(({mark}) => mark).join();
				const before = circles.get(id);
				const state = lookAt(ofCircle, before, now);
				seenNow.set(id, state);
				const seconds = (now - state.standsSince) / 1000;
				// One that is seen for the first time may be of a thread that has run since it was looked at.
				if (state === before && seconds * 1000 >= millisecondsToHold) {
					found.push({
						circle: ofCircle.map(describe),
						blockedTids: blockedBehind(graph, circle),
						since: new Date(Date.parse(takenAt) - seconds * 1000).toISOString(),
						seconds,
					});
				}
			}

			circles = seenNow;
			return found;
		},
	};
};
