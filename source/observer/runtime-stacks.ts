import type {Lock} from '../model/lock.js';
import {createSyscallLine} from '../procfs/syscall.js';
import type {ProcessEntry, ThreadEntry} from '../sampler/task-entry.js';
import {stacksPerLock} from './stack-observer.js';
import type {WaitReader} from './wait-reader.js';
import {createWorkBudget} from './work-budget.js';

export type StacksToRead = {process: ProcessEntry; isInFocus: boolean};

/** Reads, for one tick, the frames of one process's threads. */
export type ProcessFrames = {
	/** Innermost first; undefined of a thread that runs no code of the runtime. */
	of(entry: ThreadEntry): readonly string[] | undefined;
	/** Why a thread that runs has no frames; undefined of one that runs no code of the runtime, or where it has some all the same. */
	noteOfRunning(entry: ThreadEntry): string | undefined;
};

/** Frames of the threads of one kind of runtime. */
export type FrameSource = {
	/** Whether only a thread that sleeps all the while has frames that are true; of others what they had is taken away. */
	onlyAtRest: boolean;
	/** Undefined for a process that can't be looked into. */
	of(process: ProcessEntry): ProcessFrames | undefined;
};

/** Reads which code of their runtime threads are in, as far as the time of a tick allows. */
export type RuntimeStacks = {
	/** Those that matter most come first; threads of others lose what they had once they run. */
	update(wanted: Iterable<StacksToRead>): void;
};

type Known = {
	/** Time slices that the thread had had: while it gets no other, its stack stays as it is. */
	slices: number;
	readAt: number;
	/** Whether it was seen asleep, as it mostly is. */
	isAtRest: boolean;
};

const millisecondsPerTick = 3;
/** A thread that wakes again and again mostly comes back to the same line. */
const millisecondsUntilOld = 2000;
/** A thread that mostly sleeps but ran at each look: from then on what it runs is told. */
const millisecondsAtRest = 5000;

const areEqual = (one: readonly string[] | undefined, other: readonly string[]): boolean =>
	one?.length === other.length && other.every((frame, index) => frame === one[index]);

const setStack = (
	entry: ThreadEntry,
	stack: readonly string[] | undefined,
	note?: string | undefined,
): void => {
	const isSame =
		stack === undefined ? entry.runtimeStack === undefined : areEqual(entry.runtimeStack, stack);
	if (isSame && entry.runtimeStackNote === note) {
		return;
	}

	entry.runtimeStack = stack;
	entry.runtimeStackNote = note;
	entry.dirty = true;
	entry.process.dirty = true;
};

/** Whether the thread was seen to wait rather than to run. */
const mostlyWaits = ({waits, wait}: ThreadEntry): boolean =>
	(waits?.[0] ?? wait)?.kind !== 'running';

/** Threads of a process that hold a lock or wait for one; of crowds only some. */
const contenders = ({locks, runtime, threads}: ProcessEntry): ReadonlySet<ThreadEntry> => {
	const tids = [
		...(locks ?? []).flatMap(({holderTid, waiterTids}: Lock) => [
			holderTid ?? 0,
			...waiterTids.slice(0, stacksPerLock),
		]),
		...(runtime?.gil?.waiterTids.slice(0, stacksPerLock) ?? []),
	];
	return new Set(tids.flatMap(tid => threads.get(tid) ?? []));
};

export const createRuntimeStacks = (
	sourceOf: (process: ProcessEntry) => FrameSource | undefined,
	waits: WaitReader,
): RuntimeStacks => {
	const known = new Map<ThreadEntry, Known>();
	const servedAt = new WeakMap<ProcessEntry, number>();
	const budget = createWorkBudget(millisecondsPerTick);
	const before = createSyscallLine();

	/** Frames, and whether they are those of a thread that slept all the while. */
	const read = (
		entry: ThreadEntry,
		frames: ProcessFrames,
		onlyAtRest: boolean,
	): {stack?: readonly string[] | undefined; note?: string | undefined; isAtRest: boolean} => {
		const line = waits.readSyscall(entry);
		const isBlocked = line?.state === 'blocked';
		if (isBlocked) {
			Object.assign(before, line);
		} else if (onlyAtRest) {
			const isRunning = line?.state === 'running';
			return {note: isRunning ? frames.noteOfRunning(entry) : undefined, isAtRest: false};
		}

		const stack = frames.of(entry);
		const after = isBlocked ? waits.readSyscall(entry) : undefined;
		const isAtRest =
			after?.state === 'blocked' &&
			after.stackPointer === before.stackPointer &&
			after.number === before.number;
		return {stack: isAtRest || !onlyAtRest ? stack : undefined, isAtRest};
	};

	const updateOne = (entry: ThreadEntry, frames: ProcessFrames, onlyAtRest: boolean): void => {
		const last = known.get(entry);
		const {stack, note, isAtRest} = read(entry, frames, onlyAtRest);
		const now = performance.now();
		// What a thread waits in tells more than what it does for the moment in which it's awake.
		const isPassing =
			!isAtRest && last?.isAtRest && mostlyWaits(entry) && now - last.readAt < millisecondsAtRest;
		if (isPassing) {
			last.slices = entry.slices;
			return;
		}

		known.set(entry, {slices: entry.slices, readAt: now, isAtRest});
		setStack(entry, stack?.length ? stack : undefined, note);
	};

	const isDue = (entry: ThreadEntry, now: number): boolean => {
		const last = known.get(entry);
		return (
			last === undefined ||
			(last.slices !== entry.slices && (!last.isAtRest || now - last.readAt > millisecondsUntilOld))
		);
	};

	/** Longest ago first; those never read come before all others. */
	const byAge = (one: ThreadEntry, other: ThreadEntry): number =>
		(known.get(one)?.readAt ?? 0) - (known.get(other)?.readAt ?? 0);

	const updateProcess = ({process, isInFocus}: StacksToRead): void => {
		const now = performance.now();
		const entries = [...(isInFocus ? process.threads.values() : contenders(process))]
			.filter(entry => isDue(entry, now))
			.sort(byAge);
		const source = entries.length > 0 ? sourceOf(process) : undefined;
		const frames = source && budget.spend(() => source.of(process));
		if (!frames) {
			return;
		}

		servedAt.set(process, now);
		for (const entry of entries) {
			if (!budget.mayBegin()) {
				return;
			}

			budget.spend(() => updateOne(entry, frames, source.onlyAtRest));
		}
	};

	/** Those in focus first, and of these the one whose turn was longest ago. */
	const byTurn = (one: StacksToRead, other: StacksToRead): number =>
		Number(other.isInFocus) - Number(one.isInFocus) ||
		(servedAt.get(one.process) ?? 0) - (servedAt.get(other.process) ?? 0);

	return {
		update(wanted) {
			budget.refill();
			const all = [...wanted].sort(byTurn);
			const kept = new Set(all.map(({process}) => process));
			for (const each of all) {
				if (budget.mayBegin()) {
					updateProcess(each);
				}
			}

			for (const [entry, {slices}] of known) {
				if (entry.dead || (!kept.has(entry.process) && slices !== entry.slices)) {
					setStack(entry, undefined);
					known.delete(entry);
				}
			}
		},
	};
};
