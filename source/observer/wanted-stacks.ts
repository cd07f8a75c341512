import {isExclusive} from '../locks/futex-locks.js';
import type {Lock} from '../model/lock.js';
import {isKnown} from '../model/reading.js';
import type {Wait} from '../model/wait.js';
import type {ProcessEntry, ThreadEntry} from '../sampler/task-entry.js';
import type {TaskTable} from '../sampler/task-table.js';
import {stacksPerLock} from './stack-observer.js';

/** Which threads' stacks are to be read, since there is no time for all of them. */
export type WantedStacks = {
	/** To be told of each thread whose wait was read anew. */
	noteWait(entry: ThreadEntry): void;
	/** Threads of processes in focus; of a crowd those that do the most come first. */
	inFocus(focus: ReadonlySet<number>): readonly ThreadEntry[];
	/**
	Waiters and holders of locks in focus first, then all threads that are looked at closely; then waiters and holders elsewhere, and
	threads that moved whose waits only a stack tells apart. Idle pools, which wait at conditions, only where somebody looks closely.
	*/
	take(focus: ReadonlySet<number>, closely: ReadonlySet<number>): readonly ThreadEntry[];
};

/** More threads than a tick has time to read the stacks of. */
const crowd = 100;

/** Their threads sleep each at a word of its own, whether they wait for a lock or for work. */
const runtimesWithOwnWords: ReadonlySet<string> = new Set(['ruby']);
const stacksPerProcess = 8;

const switchRate = (entry: ThreadEntry): number =>
	(entry.voluntarySwitchesPerSecond ?? 0) + (entry.involuntarySwitchesPerSecond ?? 0);

const busiestFirst = (threads: Iterable<ThreadEntry>): readonly ThreadEntry[] => {
	const all = [...threads];
	return all.length > crowd ? all.sort((a, b) => switchRate(b) - switchRate(a)) : all;
};

/** Whether a wait is at a futex word. */
export const isOnWord = ({futexAddress}: Wait): boolean => futexAddress !== undefined;

/** Whether a thread was at a futex word when it was looked at last. */
export const waitsOnWord = ({wait}: ThreadEntry): boolean => isKnown(wait) && isOnWord(wait);

export const createWantedStacks = (
	table: TaskTable,
	withLocks: ReadonlySet<ProcessEntry>,
): WantedStacks => {
	/** Processes in which a thread came to a word in this tick. */
	let moved = new Set<ProcessEntry>();

	// Lists, not generators: a pool of thousands may be in focus each tick, and a generator makes an object for each step.
	const addThreadsOf = (
		wanted: ThreadEntry[],
		isWanted: (lock: Lock) => boolean,
		isOfInterest: (process: ProcessEntry) => boolean = () => true,
	): void => {
		for (const process of withLocks) {
			if (!isOfInterest(process)) {
				continue;
			}

			for (const {holderTid, waiterTids} of process.locks?.filter(isWanted) ?? []) {
				for (const tid of [holderTid ?? 0, ...waiterTids.slice(0, stacksPerLock)]) {
					const entry = table.threads.get(tid);
					if (entry) {
						wanted.push(entry);
					}
				}
			}
		}
	};

	const addInFocus = (wanted: ThreadEntry[], focus: ReadonlySet<number>): void => {
		for (const pid of focus) {
			for (const entry of busiestFirst(table.processes.get(pid)?.threads.values() ?? [])) {
				wanted.push(entry);
			}
		}
	};

	return {
		inFocus(focus) {
			const wanted: ThreadEntry[] = [];
			addInFocus(wanted, focus);
			return wanted;
		},
		noteWait(entry) {
			// What runs in a process that was just found is known only later in the tick.
			if (waitsOnWord(entry)) {
				moved.add(entry.process);
			}
		},
		take(focus, closely) {
			const processes = moved;
			moved = new Set();
			const wanted: ThreadEntry[] = [];
			const isHeld = ({kind}: Lock) => isExclusive(kind);
			addThreadsOf(wanted, isHeld, process => focus.has(process.pid));
			addInFocus(wanted, closely);
			addThreadsOf(wanted, isHeld);
			addThreadsOf(wanted, ({kind}) => !isExclusive(kind) && kind !== 'condition');
			for (const {threads, runtime} of processes) {
				if (!runtimesWithOwnWords.has(runtime?.name ?? '')) {
					continue;
				}

				wanted.push(
					...busiestFirst(threads.values()).filter(waitsOnWord).slice(0, stacksPerProcess),
				);
			}

			return wanted;
		},
	};
};
