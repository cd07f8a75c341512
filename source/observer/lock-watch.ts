import {type FutexUse, futexLockId, isExclusive} from '../locks/futex-locks.js';
import {kindByStack, wantedIn} from '../locks/stack-evidence.js';
import type {Lock} from '../model/lock.js';
import type {Snapshot} from '../model/snapshot.js';
import type {Wait} from '../model/wait.js';
import type {ProcessEntry, ThreadEntry} from '../sampler/task-entry.js';
import type {TaskTable} from '../sampler/task-table.js';
import {createPlaces} from '../symbols/places.js';
import {createProgramFiles} from '../symbols/program-file.js';
import {createStackReader} from '../symbols/stack-reader.js';
import type {Target} from '../targets/target.js';
import {futexKey} from '../waits/futex.js';
import type {AddressSpaces} from './address-spaces.js';
import {createDeadlockWatch} from './deadlock-watch.js';
import {createFileLockObserver} from './file-lock-observer.js';
import {createLockNames} from './lock-names.js';
import {createLockObserver} from './lock-observer.js';
import {createOwnThreadIds} from './own-thread-ids.js';
import {createStackObserver} from './stack-observer.js';
import type {WaitReader} from './wait-reader.js';
import {createWaitTargets} from './wait-targets.js';
import {createWorkBudget} from './work-budget.js';

/** All that the observer does about locks, tick by tick. */
export type LockWatch = {
	/** To be told of each thread whose wait was read anew. */
	noteWait(entry: ThreadEntry): void;
	/** Processes of threads that went to sleep on a futex since the last call. */
	takeNewWaiters(): Iterable<ProcessEntry>;
	beginTick(): void;
	locksOf(process: ProcessEntry, uses: readonly FutexUse[]): readonly Lock[];
	/** Writes into the waits of a process's threads which of its locks they are for. */
	linkWaits(process: ProcessEntry): void;
	look(): void;
	/** Reads the stacks of threads that wait for locks or hold them, and of those in focus, and tells what that adds about the locks. */
	updateStacks(focus: ReadonlySet<number>): void;
	/** Deadlocks, and locks on files that somebody waits for; keys without any are missing. */
	find(takenAt: string): Pick<Snapshot, 'deadlocks' | 'fileLocks'>;
};

export type LockWatchParts = {
	target: Target;
	architecture: string;
	spaces: AddressSpaces;
	waits: WaitReader;
};

/** Symbols of what is waited on; a table of a large program takes some milliseconds once. */
const millisecondsForNames = 10;
const millisecondsForStacks = 2;
const millisecondsForTargets = 2;
/** Of a crowd that waits for one lock a few stacks tell all. */
const stacksPerLock = 4;

export const createLockWatch = (
	{target, architecture, spaces, waits}: LockWatchParts,
	table: TaskTable,
): LockWatch => {
	const budget = createWorkBudget(millisecondsForNames);
	const files = createProgramFiles(target.procRoot);
	const places = createPlaces(files);
	const names = createLockNames(spaces, places, budget);
	const ids = createOwnThreadIds(target.procRoot);
	const observer = createLockObserver({
		architecture,
		spaces,
		names,
		waits,
		ids,
		threads: table.threads,
	});
	const fileLocks = createFileLockObserver(target.procRoot, table.processes);
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
	const unwinding = createWorkBudget(millisecondsForStacks);
	const stacks = createStackObserver(
		createStackReader(files, places, architecture),
		spaces,
		waits,
		unwinding,
		budget,
	);
	const deadlocks = createDeadlockWatch({
		threads: table.threads,
		ids,
		holderOf(process, key) {
			const found = observer.holderOf(process, key);
			return (
				found && {
					holder: found.holder,
					name: `${found.word.facts.kind} ${found.word.name ?? names.roughNameOf(process, key)}`,
				}
			);
		},
	});
	let newWaiters = new Set<ProcessEntry>();
	let withLocks = new Set<ProcessEntry>();

	const threadsOf = function* (isWanted: (lock: Lock) => boolean): Generator<ThreadEntry> {
		for (const process of withLocks) {
			for (const {holderTid, waiterTids} of process.locks?.filter(isWanted) ?? []) {
				for (const tid of [holderTid ?? 0, ...waiterTids.slice(0, stacksPerLock)]) {
					const entry = table.threads.get(tid);
					if (entry) {
						yield entry;
					}
				}
			}
		}
	};

	const threadsInFocus = function* (focus: ReadonlySet<number>): Generator<ThreadEntry> {
		for (const pid of focus) {
			yield* table.processes.get(pid)?.threads.values() ?? [];
		}
	};

	/** Waiters and holders of locks, then threads in focus; idle pools, which wait at conditions, only if they are. */
	const threadsToUnwind = function* (focus: ReadonlySet<number>): Generator<ThreadEntry> {
		yield* threadsOf(({kind}) => isExclusive(kind));
		yield* threadsInFocus(focus);
		yield* threadsOf(({kind}) => !isExclusive(kind) && kind !== 'condition');
	};

	/** What waiters' stacks add: where the lock is wanted, and its kind where nothing else told it. */
	const refine = (lock: Lock): Lock => {
		const stack = lock.waiterTids
			.slice(0, stacksPerLock)
			.map(tid => table.threads.get(tid)?.stack)
			.find(each => each !== undefined);
		const wanted = stack && wantedIn(stack);
		const isUnknown = lock.kind === 'lock' || lock.kind === 'futex';
		const kind = stack && isUnknown ? kindByStack(stack) : undefined;
		return {
			...lock,
			...(kind !== undefined && {kind}),
			...(wanted !== undefined && {wantedIn: wanted}),
		};
	};

	return {
		noteWait(entry) {
			fileLocks.noteWait(entry);
			if (entry.wait?.futexAddress !== undefined) {
				newWaiters.add(entry.process);
			}
		},
		takeNewWaiters() {
			const taken = newWaiters;
			newWaiters = new Set();
			return taken;
		},
		beginTick() {
			budget.refill();
			unwinding.refill();
			describing.refill();
			withLocks = new Set();
			observer.beginTick();
		},
		locksOf: observer.locksOf,
		look: observer.look,
		find(takenAt) {
			const circles = deadlocks.find(takenAt);
			const onFiles = fileLocks.find();
			return {
				...(circles.length > 0 && {deadlocks: circles}),
				...(onFiles.length > 0 && {fileLocks: onFiles}),
			};
		},
		updateStacks(focus) {
			stacks.update(threadsToUnwind(focus));
			targets.update(threadsInFocus(focus));
			for (const process of withLocks) {
				process.locks = process.locks?.map(refine);
			}
		},
		linkWaits(process) {
			if (process.locks) {
				withLocks.add(process);
			}

			deadlocks.update(process);
			const lockIds = new Set(process.locks?.map(({id}) => id));
			const lockIdOf = ({futexAddress}: Wait): string | undefined => {
				const id =
					futexAddress === undefined ? undefined : futexLockId(futexKey(Number(futexAddress)));
				return id !== undefined && lockIds.has(id) ? id : undefined;
			};

			for (const entry of process.threads.values()) {
				const {wait, waits: shares} = entry;
				const lockId = wait ? lockIdOf(wait) : undefined;
				if (wait && wait.lockId !== lockId) {
					const {lockId: _, ...rest} = wait;
					entry.wait = lockId === undefined ? rest : {...rest, lockId};
					entry.dirty = true;
				}

				if (shares?.some(share => share.lockId !== lockIdOf(share))) {
					entry.waits = shares.map(({lockId: _, ...share}) => {
						const id = lockIdOf(share);
						return id === undefined ? share : {...share, lockId: id};
					});
					entry.dirty = true;
				}
			}
		},
	};
};
