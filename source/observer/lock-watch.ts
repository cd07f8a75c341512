import {type FutexUse, futexLockId, isExclusive} from '../locks/futex-locks.js';
import {withStack} from '../locks/lock-by-stack.js';
import type {Lock} from '../model/lock.js';
import {isKnown} from '../model/reading.js';
import {knownApplicationFrame} from '../model/runtime-frame.js';
import type {Snapshot} from '../model/snapshot.js';
import type {ProcessEntry, ThreadEntry} from '../sampler/task-entry.js';
import type {TaskTable} from '../sampler/task-table.js';
import {createPlaces} from '../symbols/places.js';
import {createProgramFiles} from '../symbols/program-file.js';
import {createStackReader} from '../symbols/stack-reader.js';
import type {SymbolSearch} from '../symbols/symbol-search.js';
import type {Target} from '../targets/target.js';
import type {AddressSpaces} from './address-spaces.js';
import {createClosedSets} from './closed-sets.js';
import {createDeadlockWatch, type RuntimeEdge} from './deadlock-watch.js';
import {createFileLockObserver} from './file-lock-observer.js';
import {linkWaitsToLocks} from './link-waits.js';
import {createLockList} from './lock-list.js';
import {createLockNames} from './lock-names.js';
import {createLockObserver} from './lock-observer.js';
import type {LockWord} from './lock-word.js';
import {createMemberNames} from './member-names.js';
import {createObjectHolders} from './object-holders.js';
import {createOpenDatabases} from './open-databases.js';
import {createOwnThreadIds} from './own-thread-ids.js';
import {createRetriedLocks} from './retried-locks.js';
import {createStackObserver, stacksPerLock} from './stack-observer.js';
import {createStacksBetween} from './stacks-between.js';
import {isWordOf, type LockView} from './timeline-sampler.js';
import {createWaitNeeds} from './wait-needs.js';
import type {WaitReader} from './wait-reader.js';
import {createWaitTargets} from './wait-targets.js';
import {createWantedStacks, isOnWord, waitsOnWord} from './wanted-stacks.js';
import {createWorkBudget} from './work-budget.js';

/** All that the observer does about locks, tick by tick. */
export type LockWatch = {
	/** To be told of each thread whose wait was read anew. */
	noteWait(entry: ThreadEntry): void;
	/**
	Begins a tick; processes whose locks may be others than in the last one: those seen waiting by the looks, those in which a thread
	moved, and of those with locks the ones that have just become quiet. Where all sleep on, nothing changes and nothing is read.
	*/
	beginTick(
		looked: Iterable<ProcessEntry>,
		withLocks: Iterable<ProcessEntry>,
	): ReadonlySet<ProcessEntry>;
	locksOf(process: ProcessEntry, uses: readonly FutexUse[]): readonly Lock[];
	/** Writes into the waits of a process's threads which of its locks they are for. */
	linkWaits(process: ProcessEntry): void;
	look(): void;
	/** Who holds a lock of a process now, as far as the lock itself records it, and whether it does. */
	viewOf(process: ProcessEntry, lock: Lock): LockView;
	/**
	Reads the stacks of threads that wait for locks or hold them, and of all of those processes that are looked at closely, and tells
	what that adds about the locks; of those in focus, what their threads wait on.
	*/
	updateStacks(focus: ReadonlySet<number>, closely: ReadonlySet<number>): void;
	/** Deadlocks, processes in which nobody is left to wake the others, and locks on files that somebody wants; keys without any are missing. */
	find(
		takenAt: string,
		ofRuntimes?: readonly RuntimeEdge[],
	): Pick<Snapshot, 'deadlocks' | 'closedSets' | 'fileLocks' | 'retriedLocks'>;
};

export type LockWatchParts = {
	target: Target;
	architecture: string;
	spaces: AddressSpaces;
	waits: WaitReader;
	/** Of symbols, which is to be let go on each tick. */
	search: SymbolSearch;
};

/** To tell of words that weren't seen before what they belong to. */
const millisecondsForWords = 10;
const millisecondsForStacks = 4;
/** The first stack of a large program takes as long as many later ones, and a finding may wait for it. */
const forFirstStacks = {ticks: 4, milliseconds: 20};
const millisecondsForTargets = 2;
/**
What was seen while they still ran must be gone, and names and kinds be found out, some of them in the background: so long after its
last move a process is looked at again, ever more seldom.
*/
const quietTicksToLook: ReadonlySet<number> = new Set([1, 2, 3, 5, 8, 12]);
/** In the tick before: it may be gone from there now. */
const waitedOnWord = ({published}: ThreadEntry): boolean =>
	published !== undefined &&
	((isKnown(published.wait) && isOnWord(published.wait)) ||
		published.waits?.some(isOnWord) === true);

export const createLockWatch = (
	{target, architecture, spaces, waits, search}: LockWatchParts,
	table: TaskTable,
): LockWatch => {
	const budget = createWorkBudget(millisecondsForWords);
	const files = createProgramFiles(target.procRoot, search);
	const places = createPlaces(files);
	const names = createLockNames(spaces, places);
	const ids = createOwnThreadIds(target.procRoot);
	let moved = new Set<ProcessEntry>();
	const observer = createLockObserver({
		architecture,
		spaces,
		names,
		members: createMemberNames(spaces, places),
		waits,
		ids,
		threads: table.threads,
		budget,
		postpone: process => moved.add(process),
	});
	const describing = createWorkBudget(millisecondsForTargets);
	const targets = createWaitTargets({
		procRoot: target.procRoot,
		architecture,
		spaces,
		waits,
		ids,
		processes: table.processes,
		budget: describing,
	});
	const {procRoot} = target;
	const {processes} = table;
	const holders = createObjectHolders(procRoot, processes);
	const list = createLockList(procRoot);
	const fileLocks = createFileLockObserver(procRoot, processes, holders, list);
	const closedSets = createClosedSets({
		processes,
		needsOf: createWaitNeeds({procRoot, architecture, spaces, waits, processes}),
		holders,
	});
	const unwinding = createWorkBudget(millisecondsForStacks, forFirstStacks);
	const stacks = createStackObserver(
		createStackReader(files, places, architecture),
		spaces,
		waits,
		unwinding,
	);
	const stacksBetween = createStacksBetween(table.threads, stacks);
	const retriedLocks = createRetriedLocks({
		processes,
		databases: createOpenDatabases(procRoot, spaces),
		list,
		stackOf(entry) {
			stacks.read(entry);
			return entry.stack;
		},
	});
	/** As it's called among the locks of its process, which know more. */
	const nameInCircle = (process: ProcessEntry, key: number, {facts, name}: LockWord): string => {
		const lock = process.locks?.find(({id}) => id === futexLockId(key));
		return `${facts.kind} ${lock?.name ?? name ?? names.roughNameOf(process, key)}`;
	};

	const deadlocks = createDeadlockWatch({
		threads: table.threads,
		ids,
		holderOf(process, key) {
			const found = observer.holderOf(process, key);
			return (
				found && {
					holder: found.holder,
					name: nameInCircle(process, key, found.word),
				}
			);
		},
	});
	const quiet = new WeakMap<ProcessEntry, {ticks: number; threads: number}>();
	const withLocks = new Set<ProcessEntry>();
	const wanted = createWantedStacks(table, withLocks);

	/** Whether all its threads have slept on, none has ended, and it isn't its turn. */
	const isQuiet = (process: ProcessEntry): boolean => {
		const threads = process.threads.size;
		const before = quiet.get(process);
		const ticks = before?.threads === threads ? before.ticks + 1 : 1;
		quiet.set(process, {ticks, threads});
		return !quietTicksToLook.has(ticks);
	};

	/** By the first stack that was read of its waiters, and the first line of the program that a runtime told of them. */
	const refine = (lock: Lock): Lock => {
		const waiters = lock.waiterTids.slice(0, stacksPerLock).map(tid => table.threads.get(tid));
		return withStack(
			lock,
			waiters.map(waiter => waiter?.stack).find(each => each !== undefined),
			waiters
				.map(waiter => knownApplicationFrame(waiter?.runtimeStack))
				.find(each => each !== undefined),
		);
	};

	const refineLocks = (process: ProcessEntry): void => {
		const refined = process.locks?.map(refine);
		if (refined?.some((lock, index) => lock !== process.locks?.[index])) {
			process.locks = refined;
			process.dirty = true;
		}
	};

	/** Of a lock whose holder may be among those that moved, and did something else meanwhile. */
	const mayHold = (process: ProcessEntry): boolean =>
		withLocks.has(process) && process.locks?.some(({kind}) => isExclusive(kind)) === true;

	return {
		noteWait(entry) {
			fileLocks.noteWait(entry);
			retriedLocks.noteWait(entry);
			wanted.noteWait(entry);
			if (waitsOnWord(entry) || waitedOnWord(entry) || mayHold(entry.process)) {
				moved.add(entry.process);
			}
		},
		beginTick(looked, known) {
			budget.refill();
			unwinding.refill();
			describing.refill();
			observer.beginTick();
			const due = new Set([...looked, ...moved]);
			moved = new Set();
			for (const process of due) {
				quiet.delete(process);
			}

			for (const process of known) {
				if (!due.has(process) && !isQuiet(process)) {
					due.add(process);
				}
			}

			return due;
		},
		locksOf: observer.locksOf,
		look() {
			observer.look();
			holders.proceed();
			stacksBetween.look();
		},
		viewOf(process, lock) {
			const address = Number(lock.id.replace(/^futex:/, ''));
			return {
				holderTid: () => observer.holderOf(process, address)?.holder.tid,
				isWord: isWordOf(lock),
				recordsHolder: observer.recordsHolder(process, address),
			};
		},
		find(takenAt, ofRuntimes) {
			const circles = deadlocks.find(takenAt, ofRuntimes);
			const onFiles = fileLocks.found;
			return {
				...(circles.length > 0 && {deadlocks: circles}),
				...(closedSets.found.length > 0 && {closedSets: closedSets.found}),
				...(onFiles.length > 0 && {fileLocks: onFiles}),
				...(retriedLocks.found.length > 0 && {retriedLocks: retriedLocks.found}),
			};
		},
		updateStacks(focus, closely) {
			stacks.update(wanted.take(focus, closely));
			targets.update(wanted.inFocus(focus));
			fileLocks.update();
			retriedLocks.update();
			closedSets.update();
			for (const process of withLocks) {
				if (process.threads.size === 0) {
					withLocks.delete(process);
				} else {
					refineLocks(process);
				}
			}

			stacksBetween.choose(withLocks);
		},
		linkWaits(process) {
			if (process.locks) {
				withLocks.add(process);
			} else {
				withLocks.delete(process);
			}

			deadlocks.update(process);
			linkWaitsToLocks(process);
		},
	};
};
