import type {Runtime} from '../model/process.js';
import type {ProcessEntry} from '../sampler/task-entry.js';
import type {TaskTable} from '../sampler/task-table.js';
import {futexUses} from './futex-uses.js';
import {nameGil} from './gil-lock.js';
import type {GilFacts, GilObserver} from './gil-observer.js';
import type {JvmObserver} from './jvm-observer.js';
import type {LockWatch} from './lock-watch.js';
import type {PythonProcesses} from './python-processes.js';
import type {FutexTally} from './wait-looks.js';

/** The locks of each process, whoever tells them: futex words, interpreter locks, monitors of a JVM. */
export type ProcessLocks = {
	/** Processes that have some. */
	readonly processes: ReadonlySet<ProcessEntry>;
	/** Writes them into the entries, with what their GIL is like; of processes in focus also where nobody waits for it. */
	update(
		futexes: ReadonlyMap<ProcessEntry, ReadonlyMap<number, FutexTally>>,
		lookCount: number,
		focus: ReadonlySet<number>,
	): void;
};

export type ProcessLocksParts = {
	table: TaskTable;
	pythons: PythonProcesses;
	gils: GilObserver;
	jvms: JvmObserver;
	locking: LockWatch;
};

/** What a runtime was found out to be, with what its GIL is like now; a process of another runtime has neither. */
const withGil = (runtime: Runtime, facts: GilFacts): Runtime => {
	const {gil: _, otherGils: __, withoutGil: ___, hint, ...rest} = runtime;
	const isOther = runtime.name !== 'cpython' && hint !== undefined;
	return {...rest, ...(isOther && {hint}), ...facts};
};

const isAsKnown = ({gil, otherGils, withoutGil, hint}: Runtime, facts: GilFacts): boolean =>
	facts.gil === gil &&
	facts.otherGils === otherGils &&
	facts.withoutGil === withoutGil &&
	facts.hint === hint;

export const createProcessLocks = ({
	table,
	pythons,
	gils,
	jvms,
	locking,
}: ProcessLocksParts): ProcessLocks => {
	let withLocks: ReadonlySet<ProcessEntry> = new Set();

	/** Of processes that somebody looks at, those in which nobody waits for a lock. */
	const updateQuietGils = (focus: ReadonlySet<number>, done: ReadonlySet<ProcessEntry>): void => {
		for (const pid of focus) {
			const entry = table.processes.get(pid);
			if (entry?.runtime?.name !== 'cpython' || done.has(entry)) {
				continue;
			}

			const facts = gils.observe(entry, [], true);
			if (!isAsKnown(entry.runtime, facts)) {
				entry.runtime = withGil(entry.runtime, facts);
				entry.dirty = true;
			}
		}
	};

	return {
		get processes() {
			return withLocks;
		},
		update(futexes, lookCount, focus) {
			// Also those that had locks and are quiet now: what was seen then isn't true any more.
			pythons.beginTick();
			gils.beginTick();
			const ofJvms = jvms.update(table.processes.values(), focus);
			const toUpdate = new Set([...locking.beginTick(futexes.keys(), withLocks), ...ofJvms]);
			const updated = new Set([...withLocks].filter(entry => entry.locks && !toUpdate.has(entry)));
			// What there is no time for is done in a later tick: what somebody looks at comes first.
			const inOrder = [...toUpdate].sort(
				(a, b) => Number(focus.has(b.pid)) - Number(focus.has(a.pid)),
			);
			for (const entry of inOrder) {
				const uses = futexUses(entry, lookCount, futexes.get(entry));
				const gil = gils.observe(entry, uses, focus.has(entry.pid));
				const locks = [...jvms.locksOf(entry), ...nameGil(locking.locksOf(entry, uses), gil)];
				entry.runtime = entry.runtime && withGil(entry.runtime, gil);
				entry.locks = locks.length > 0 && entry.threads.size > 0 ? locks : undefined;
				entry.dirty = true;
				locking.linkWaits(entry);
				jvms.linkWaits(entry);
				if (entry.locks) {
					updated.add(entry);
				}
			}

			withLocks = updated;
			updateQuietGils(focus, toUpdate);
		},
	};
};
