import process from 'node:process';
import type {ProcessEntry, ThreadEntry} from '../sampler/task-entry.js';
import type {Target} from '../targets/target.js';
import type {Rights} from './access.js';
import type {WaitReader} from './wait-reader.js';

/** Waits of all threads are read at start, which takes 0.6 s for ten thousand: the rest follows between the first ticks, and in the next ones. */
const millisecondsForWaits = 40;
const millisecondsAtOnce = 25;
const threadsBetweenClockReads = 32;
/** Where so many threads run in one tick, of those that nobody looks at only what tells what they do is read. */
const crowd = 500;
const activeSweeps = 2;
const oneOf = 8;

export type MovedWaitsParts = {
	target: Target;
	rights: Rights;
	waits: WaitReader;
	/** Told of each thread whose wait was read. */
	note: (entry: ThreadEntry) => void;
};

/** What is to be read, in the order in which somebody looks at it. */
export type WaitsToRead = {
	/** Threads that ran since the last tick, those of processes in focus first. */
	moved: readonly ThreadEntry[];
	/** Those that didn't, and whose waits are not known yet. */
	postponed: readonly ThreadEntry[];
	/** Processes that are read first. */
	focus: ReadonlySet<number>;
	/** Whether somebody looks at a thread: then all is read, however many others run. */
	isLookedAt: (entry: ThreadEntry) => boolean;
};

export type MovedWaits = {
	/** Once a tick. */
	update(toRead: WaitsToRead): void;
	/** Between two ticks: reads some of those that there was no time for in the last one. */
	proceed(): void;
};

/** A process's row is about its first thread, and a row of alike threads about some of them. */
const standsForOthers = ({tid, process: {pid}}: ThreadEntry): boolean =>
	tid === pid || tid % oneOf === 0;

/** The items from a place on, and then those before it. */
const rotate = <Item>(items: readonly Item[], by: number): readonly Item[] => {
	const start = items.length === 0 ? 0 : by % items.length;
	return start === 0 ? items : [...items.slice(start), ...items.slice(0, start)];
};

/** The row of each process shows what its first thread waits for: the first frame needs those. */
const leadersFirst = (entries: readonly ThreadEntry[]): readonly ThreadEntry[] => {
	const isLeader = ({tid, process: {pid}}: ThreadEntry): boolean => tid === pid;
	return [...entries.filter(isLeader), ...entries.filter(entry => !isLeader(entry))];
};

/**
Reads what threads wait for now: those in focus first, the others in turns where there is no time for all of them. The rest is read in
the next ticks.
*/
export const createMovedWaits = ({target, rights, waits, note}: MovedWaitsParts): MovedWaits => {
	let isFirst = true;
	/** Those that there may have been no time for; gone through only when somebody asks for more. */
	let left: readonly (readonly ThreadEntry[])[] = [];

	/** Whether it's another user's process that this user may not look into. */
	const isOthers = ({userId, kernelThread}: ProcessEntry): boolean =>
		target.ownKernel &&
		!rights.tracesOthers &&
		!kernelThread &&
		userId !== undefined &&
		userId !== process.getuid?.();

	/** Of those that keep running: what a thread sleeps in that has only just been seen is read whole. */
	const updateOfCrowd = (entry: ThreadEntry): void =>
		entry.activeSweeps >= activeSweeps ? waits.updateBriefly(entry, false) : waits.update(entry);

	/** Their time limits tell apart what the rows on the screen sum up; some are read whole, who stand for the others. */
	const updateOfFocusedCrowd = (entry: ThreadEntry): void =>
		entry.activeSweeps < activeSweeps || standsForOthers(entry)
			? waits.update(entry)
			: waits.updateBriefly(entry, true);

	const leaveForLater = (late: ThreadEntry): void => {
		if (late.state === 'R') {
			waits.update(late);
			return;
		}

		// Nobody has to ask to know what would be refused.
		const isRefused = isOthers(late.process);
		late.wait = isRefused ? null : undefined;
		late.waitChannel = late.wait;
		late.process.waitsRefused ||= isRefused;
		late.settled = isRefused;
		late.postponed = !isRefused;
	};

	/** Reads what there is time for; how many of them. */
	const readUntil = (
		deadline: number,
		entries: readonly ThreadEntry[],
		update: (entry: ThreadEntry) => void = waits.update,
	): number => {
		for (const [index, entry] of entries.entries()) {
			if (index % threadsBetweenClockReads === 0 && performance.now() > deadline) {
				return index;
			}

			update(entry);
			entry.dirty = true;
			entry.process.dirty = true;
			note(entry);
		}

		return entries.length;
	};

	/** Reads some by turns, as there is not always time for all of them. */
	const createTurns = () => {
		let turn = 0;
		return (deadline: number, entries: readonly ThreadEntry[], update: WaitReader['update']) => {
			const ordered = rotate(entries, turn);
			const done = readUntil(deadline, ordered, update);
			ordered.slice(done).forEach(leaveForLater);
			turn = done === ordered.length ? 0 : turn + done;
		};
	};

	const readFocused = createTurns();
	const readOthers = createTurns();

	const update = ({moved: unordered, postponed, focus, isLookedAt}: WaitsToRead): void => {
		const deadline = performance.now() + millisecondsForWaits;
		const moved = isFirst ? leadersFirst(unordered) : unordered;
		isFirst = false;
		const others = moved.findIndex(entry => !focus.has(entry.process.pid));
		const inFocus = others === -1 ? moved : moved.slice(0, others);
		const outside = others === -1 ? [] : moved.slice(others);
		if (moved.length > crowd) {
			const looked = inFocus.filter(isLookedAt);
			looked.slice(readUntil(deadline, looked)).forEach(leaveForLater);
			readFocused(
				deadline,
				inFocus.filter(entry => !isLookedAt(entry)),
				updateOfFocusedCrowd,
			);
			readOthers(deadline, outside, updateOfCrowd);
		} else {
			readFocused(deadline, inFocus, waits.update);
			readOthers(deadline, outside, waits.update);
		}

		// They are as they were if their turn doesn't come.
		readUntil(deadline, postponed);
		left = [moved, postponed];
	};

	return {
		update,
		proceed() {
			// One that runs meanwhile is among the moved ones of the next tick.
			const sleeping = left.flat().filter(({postponed, dead}) => postponed && !dead);
			left = [sleeping.slice(readUntil(performance.now() + millisecondsAtOnce, sleeping))];
		},
	};
};
