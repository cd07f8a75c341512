import {describeJavaLock} from '../locks/java-locks.js';
import type {Lock} from '../model/lock.js';
import {unknownJvmHint} from '../runtimes/hints.js';
import type {Jvm} from '../runtimes/jvm/jvm.js';
import type {ProcessEntry} from '../sampler/task-entry.js';
import type {AddressSpaces} from './address-spaces.js';
import type {RuntimeEdge} from './deadlock-watch.js';
import type {HolderDoing} from './holder-doing.js';
import {createJvmAttachments} from './jvm-attachments.js';
import {readJvmConditions} from './jvm-conditions.js';
import {jvmEdges} from './jvm-edges.js';
import {linkJavaWaits} from './jvm-links.js';
import {
	countWants,
	createJvmTally,
	createWantReader,
	type JavaWant,
	type JvmTally,
	type TidOf,
} from './jvm-tally.js';
import type {OwnThreadIds} from './own-thread-ids.js';
import type {LockView} from './timeline-sampler.js';
import {createWorkBudget} from './work-budget.js';

/** Finds out which Java monitors and locks threads wait for, who holds them, and what Java calls its threads. */
export type JvmObserver = {
	/** One look at the JVMs in which somebody waited for a lock; several times between two ticks. */
	look(): void;
	/** Once a tick: looks at all JVMs, those in focus first. Those whose locks may be others than before. */
	update(processes: Iterable<ProcessEntry>, focus: ReadonlySet<number>): ReadonlySet<ProcessEntry>;
	/** As they were over the interval; busiest first. */
	locksOf(process: ProcessEntry): readonly Lock[];
	/** Writes into the waits of a process's threads which of these locks they are for. */
	linkWaits(process: ProcessEntry): void;
	/** Ways to see one of these locks; undefined for any other. */
	viewOf(process: ProcessEntry, lock: Lock): LockView | undefined;
	/** The JVM of a process; undefined where it can't be looked into, or there was no time yet to begin with it. */
	jvmOf(process: ProcessEntry): Jvm | undefined;
	/** Who waits for whom at this moment. */
	edges(): readonly RuntimeEdge[];
};

export type JvmObserverParts = {
	procRoot: string;
	spaces: AddressSpaces;
	ids: OwnThreadIds;
	whatItDoes: HolderDoing;
};

type Watched = {
	jvm: Jvm;
	/** Being filled. */
	tally: JvmTally;
	/** Of the interval that ended. */
	last: JvmTally;
	/** At the last look. */
	wants: readonly JavaWant[];
	/** Where a herd may wait, at the last tick. */
	conditions: readonly Lock[];
	turn: number;
};

// To begin with a JVM takes some milliseconds, once: one at a time.
const millisecondsForAttaching = 1;
// JVMs that nobody looks at: a thread takes some microseconds.
const millisecondsPerTick = 2;
const millisecondsPerLook = 1;
const turnsForNames = 8;

export const createJvmObserver = ({
	procRoot,
	spaces,
	ids,
	whatItDoes,
}: JvmObserverParts): JvmObserver => {
	const attaching = createWorkBudget(millisecondsForAttaching);
	const attachments = createJvmAttachments(procRoot, spaces, attaching);
	const watched = new Map<ProcessEntry, Watched>();
	let fought: readonly ProcessEntry[] = [];
	let next = 0;
	let firstOfTick = 0;

	const tidOf =
		(process: ProcessEntry): TidOf =>
		ownTid =>
			ids.tidOf(process, ownTid);

	const readWants = (process: ProcessEntry, {jvm}: Watched): readonly JavaWant[] => {
		const read = createWantReader(jvm, tidOf(process));
		return jvm.threads().flatMap(thread => read(thread) ?? []);
	};

	const lookAt = (process: ProcessEntry, each: Watched): void => {
		each.wants = readWants(process, each);
		countWants(each.tally, each.wants, process.pid, whatItDoes);
	};

	/** All of them at first, then some each time: names hardly ever change. */
	const nameThreads = (process: ProcessEntry, each: Watched): void => {
		each.turn = (each.turn + 1) % turnsForNames;
		for (const [index, thread] of each.jvm.threads().entries()) {
			const entry = process.threads.get(ids.tidOf(process, thread.ownTid) ?? 0);
			if (!entry || (entry.runtimeName !== undefined && index % turnsForNames !== each.turn)) {
				continue;
			}

			const name = entry.runtimeName === undefined ? thread.name : each.jvm.readName(thread);
			const runtimeName = name === entry.name ? undefined : name;
			if (runtimeName !== entry.runtimeName) {
				entry.runtimeName = runtimeName;
				entry.dirty = true;
				process.dirty = true;
			}
		}
	};

	const watch = (process: ProcessEntry): Watched | undefined => {
		const jvm = attachments.of(process);
		const known = watched.get(process);
		if (!jvm || known?.jvm === jvm) {
			return jvm && known;
		}

		const each = {
			jvm,
			tally: createJvmTally(),
			last: createJvmTally(),
			wants: [],
			conditions: [],
			turn: 0,
		};
		watched.set(process, each);
		return each;
	};

	/** Whether somebody waited for a lock of it in the last interval. */
	const isFought = (process: ProcessEntry): boolean =>
		(watched.get(process)?.last.locks.size ?? 0) > 0;

	const hasLocks = (process: ProcessEntry): boolean =>
		isFought(process) || (watched.get(process)?.conditions.length ?? 0) > 0;

	/** Those in focus and those with waiting threads, then the others by turns. */
	const inOrder = (
		jvms: readonly ProcessEntry[],
		focus: ReadonlySet<number>,
	): {due: readonly ProcessEntry[]; others: readonly ProcessEntry[]} => {
		const due = jvms.filter(process => focus.has(process.pid) || isFought(process));
		const rest = jvms.filter(process => !due.includes(process));
		const from = rest.length > 0 ? firstOfTick % rest.length : 0;
		return {due, others: [...rest.slice(from), ...rest.slice(0, from)]};
	};

	const forgetGone = (jvms: readonly ProcessEntry[]): void => {
		const alive = new Set(jvms);
		for (const process of watched.keys()) {
			if (!alive.has(process)) {
				watched.delete(process);
			}
		}
	};

	/** What the JVM says of its own version, and why its locks are not known. */
	const describe = (process: ProcessEntry, each: Watched | undefined): void => {
		const {runtime, pid} = process;
		const lacks = attachments.lacking(process);
		const hint = lacks === undefined ? runtime?.hint : unknownJvmHint(pid, lacks);
		const version = runtime?.version ?? (each && String(each.jvm.version));
		if (runtime && (hint !== runtime.hint || version !== runtime.version)) {
			process.runtime = {
				...runtime,
				...(version !== undefined && {version}),
				...(hint !== undefined && {hint}),
			};
			process.dirty = true;
		}
	};

	const updateOne = (process: ProcessEntry): void => {
		const each = watch(process);
		describe(process, each);
		if (each) {
			lookAt(process, each);
			nameThreads(process, each);
			each.conditions = readJvmConditions(process, each.jvm, tidOf(process));
		}
	};

	return {
		look() {
			const began = performance.now();
			for (let count = 0; count < fought.length; count++) {
				const process = fought[next % fought.length]!;
				const each = watched.get(process);
				next++;
				if (each && process.threads.size > 0) {
					lookAt(process, each);
				}

				if (performance.now() - began > millisecondsPerLook) {
					return;
				}
			}
		},
		update(processes, focus) {
			const jvms = [...processes].filter(
				({runtime, threads}) => runtime?.name === 'jvm' && threads.size > 0,
			);
			const before = jvms.filter(hasLocks);
			forgetGone(jvms);
			attaching.refill();
			const {due, others} = inOrder(jvms, focus);
			for (const process of due) {
				updateOne(process);
			}

			const began = performance.now();
			for (const process of others) {
				if (performance.now() - began > millisecondsPerTick) {
					break;
				}

				updateOne(process);
				firstOfTick++;
			}

			for (const each of watched.values()) {
				each.last = each.tally;
				each.tally = createJvmTally();
			}

			fought = jvms.filter(isFought);
			return new Set([...before, ...jvms.filter(hasLocks)]);
		},
		locksOf(process) {
			const each = watched.get(process);
			const {locks, looks} = each?.last ?? createJvmTally();
			const wanted = [...locks.values()].map(lock => describeJavaLock(lock, looks));
			return [...wanted, ...(each?.conditions ?? [])].sort(
				(a, b) => b.waitersAverage - a.waitersAverage,
			);
		},
		linkWaits(process) {
			const each = watched.get(process);
			if (each) {
				linkJavaWaits(process, each.wants, each.last);
			}
		},
		viewOf(process, {id}) {
			const each = watched.get(process);
			if (!each || id.startsWith('futex:')) {
				return undefined;
			}

			let wants: readonly JavaWant[] = [];
			return {
				holderTid() {
					wants = readWants(process, each).filter(want => want.id === id);
					return wants[0]?.holderTid;
				},
				isWord: (_, tid) => wants.some(want => want.tid === tid),
				recordsHolder: true,
			};
		},
		jvmOf: attachments.of,
		edges() {
			return fought.flatMap(process => {
				const {jvm, wants} = watched.get(process)!;
				return jvmEdges(process, jvm, wants, tidOf(process));
			});
		},
	};
};
