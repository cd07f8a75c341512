import {hrtime} from 'node:process';
import {isKnown} from '../model/reading.js';
import type {AddressSpaces} from '../observer/address-spaces.js';
import type {WaitReader} from '../observer/wait-reader.js';
import {isGone, readPath} from '../procfs/descriptor.js';
import {parseSchedstat} from '../procfs/schedstat.js';
import {parseStat} from '../procfs/stat.js';
import {createSyscallLine, type SyscallLine} from '../procfs/syscall.js';
import type {ThreadEntry} from '../sampler/task-entry.js';
import type {StackReader} from '../symbols/stack-reader.js';
import {decodeFutex, futexKey} from '../waits/futex.js';
import {syscallName} from '../waits/syscall-numbers.js';
import type {RuntimeLook} from './cpu-profile.js';
import type {RuntimeStacks} from './runtime-stacks.js';
import {createStackStore} from './stack-store.js';
import type {Subject} from './subject.js';
import {createThreadTally, credit, type Seen, type ThreadTally} from './thread-tally.js';

/** Looks at the threads of one process, round by round. */
export type WaitSampler = {
	readonly tallies: ReadonlyMap<ThreadEntry, ThreadTally>;
	/** Looks at what threads ran in their runtime's code, in order of time. */
	readonly runtimeLooks: readonly RuntimeLook[];
	/** Looks so far, at all threads. */
	readonly looks: number;
	/** One look at each thread whose turn it is; yields now and then. `now` in milliseconds since the probe began. */
	round(clock: () => number): Generator<void, void, void>;
	/** Share of rounds in which a thread was seen to wait at a futex word, by its key. */
	contendedPercent(key: number): number;
	/** Takes the symbols that were found meanwhile; whether some are still looked for. */
	nameStacks(): boolean;
	/** It runs another program: nothing that was learnt about its memory holds. */
	forgetProgram(): void;
};

export type WaitSamplerParts = {
	subject: Subject;
	architecture: string;
	spaces: AddressSpaces;
	waits: WaitReader;
	reader: StackReader;
	columnMilliseconds: number;
	runtimeStacks: RuntimeStacks;
};

/** Of a limit that is a point in time each look shows another rest: the longest of some is nearest to what was asked for. */
const readingsOfLimit = 3;
/** A thread that didn't run for so many looks is looked at less often. */
const quietLooksToRest = 4;
/** A thread that rests is looked at in each so manieth round: what it did meanwhile is known as long as it didn't run. */
const mostRoundsOfRest = 8;
const mostRuntimeLooks = 200_000;
const threadsBetweenYields = 16;
const runningNumber = -2;
const buffer = Buffer.allocUnsafe(4096);
const counters = {runNanoseconds: 0, delayNanoseconds: 0, slices: 0};

export const createWaitSampler = ({
	subject,
	architecture,
	spaces,
	waits,
	reader,
	columnMilliseconds,
	runtimeStacks,
}: WaitSamplerParts): WaitSampler => {
	const {process, files} = subject;
	const tallies = new Map<ThreadEntry, ThreadTally>();
	const stacks = createStackStore(process, spaces, reader);
	const contended = new Map<number, {rounds: number; lastRound: number}>();
	const before = createSyscallLine();
	const runtimeLooks: RuntimeLook[] = [];
	let rounds = 0;
	let looks = 0;

	/** As the kernel shows it now; undefined when the thread is gone. */
	const readState = (entry: ThreadEntry): string => {
		const length = readPath(files.path(entry, 'stat'), buffer);
		return (length > 0 ? parseStat(buffer, length)?.state : undefined) ?? 'S';
	};

	const describe = (entry: ThreadEntry, line: SyscallLine): Seen['wait'] => {
		entry.state = readState(entry);
		const channel = waits.readWaitChannel(entry);
		const wait = waits.describe(entry, line, channel);
		// It woke between the two: what it was in is known all the same.
		if (isKnown(wait) && wait.kind !== 'running') {
			return wait;
		}

		entry.state = 'S';
		return waits.describe(entry, line, channel) ?? {kind: 'other'};
	};

	const newSeen = (
		wait: Seen['wait'],
		callNumber: number,
		key: number,
		stack: Seen['stack'],
		runtimeStack: Seen['runtimeStack'],
	): Seen => ({
		wait,
		callNumber,
		futexKey: key,
		stack,
		runtimeStack,
		milliseconds: 0,
		looks: 0,
		arrivals: 0,
	});

	const readRuntimeStack = (
		entry: ThreadEntry,
		isAsleep: boolean,
	): readonly string[] | undefined => {
		const frames = runtimeStacks.read(entry, isAsleep);
		if (frames && runtimeStacks.tellsOfRunning && runtimeLooks.length < mostRuntimeLooks) {
			const [seconds, nanoseconds] = hrtime();
			runtimeLooks.push({tid: entry.tid, seconds: seconds + nanoseconds / 1e9, frames});
		}

		return frames;
	};

	const runtimeKey = (frames: readonly string[] | undefined): string =>
		frames === undefined ? '' : frames.join('\n');

	const runningPlace = (tally: ThreadTally): Seen => {
		const runtimeStack = readRuntimeStack(tally.entry, false);
		const key = `running\n${runtimeKey(runtimeStack)}`;
		let place = tally.places.get(key);
		if (!place) {
			place = newSeen({kind: 'running'}, runningNumber, 0, undefined, runtimeStack);
			tally.places.set(key, place);
		}

		return place;
	};

	/** What a limit that is a point in time was, as near as it can be told. */
	const lengthenLimit = (entry: ThreadEntry, place: Seen): void => {
		if (place.wait.timed !== true || place.arrivals >= readingsOfLimit) {
			return;
		}

		const wait = describe(entry, before);
		if ((wait.timeoutMilliseconds ?? 0) > (place.wait.timeoutMilliseconds ?? 0)) {
			place.wait = wait;
		}
	};

	/** Where a thread sleeps whose system call was just read into `before`; undefined when it moved on meanwhile. */
	const waitingPlace = (tally: ThreadTally): Seen | undefined => {
		const {entry, places} = tally;
		const {number} = before;
		const stack = stacks.read(before);
		const runtimeStack = readRuntimeStack(entry, true);
		const after = waits.readSyscall(entry);
		if (
			after?.stackPointer !== before.stackPointer ||
			after.programCounter !== before.programCounter ||
			after.number !== number
		) {
			return undefined;
		}

		const call = number < 0 ? undefined : syscallName(architecture, number);
		const address = decodeFutex(call, before)?.address;
		const key = address === undefined ? 0 : futexKey(address);
		const name = `${number} ${key} ${stacks.idOf(stack)}\n${runtimeKey(runtimeStack)}`;
		let place = places.get(name);
		if (place) {
			lengthenLimit(entry, place);
		} else {
			place = newSeen(describe(entry, before), number, key, stack, runtimeStack);
			places.set(name, place);
		}

		return place;
	};

	const readPlace = (tally: ThreadTally): Seen | undefined => {
		const line = waits.readSyscall(tally.entry);
		if (!line || line.state === 'kernel' || line.state === 'exited') {
			return undefined;
		}

		if (line.state === 'running') {
			return runningPlace(tally);
		}

		Object.assign(before, line);
		// A thread that wakes while its stack is read was in that call all the same, but nobody knows from where: it counts as running.
		return waitingPlace(tally) ?? runningPlace(tally);
	};

	const countContended = (key: number): void => {
		const known = contended.get(key);
		if (!known) {
			contended.set(key, {rounds: 1, lastRound: rounds});
		} else if (known.lastRound !== rounds) {
			known.rounds++;
			known.lastRound = rounds;
		}
	};

	const note = (tally: ThreadTally, place: Seen, hasRun: boolean, now: number): void => {
		const {last} = tally;
		place.looks++;
		place.arrivals += hasRun ? 1 : 0;
		if (last.runNanoseconds < 0) {
			Object.assign(tally.first, counters);
		}

		Object.assign(last, counters);
		credit(tally, place, now, columnMilliseconds);
		tally.current = place;
		if (place.futexKey !== 0) {
			countContended(place.futexKey);
		}
	};

	const rest = (tally: ThreadTally, isQuiet: boolean): void => {
		tally.quietLooks = isQuiet ? tally.quietLooks + 1 : 0;
		tally.entry.activeSweeps = isQuiet ? tally.entry.activeSweeps : tally.entry.activeSweeps + 1;
		const wait = tally.quietLooks < quietLooksToRest ? 1 : tally.quietLooks - quietLooksToRest + 2;
		tally.dueRound = rounds + Math.min(wait, mostRoundsOfRest);
	};

	/** Whether a thread that hasn't run since the last look still sleeps: one that was woken may wait for a CPU. */
	const isAsleepStill = (tally: ThreadTally): boolean => {
		if (tally.quietLooks >= quietLooksToRest) {
			return true;
		}

		const line = waits.readSyscall(tally.entry);
		return line?.state === 'blocked';
	};

	const look = (tally: ThreadTally, now: number): void => {
		const {entry, current, last} = tally;
		const length = files.read(entry, 'schedstatDescriptor', buffer, true);
		if (length < 0 || !parseSchedstat(buffer, length, counters)) {
			if (isGone(length)) {
				subject.table.remove(entry);
			}

			return;
		}

		looks++;
		tally.looks++;
		const hasRun = counters.slices !== last.slices || last.runNanoseconds < 0;
		const isSleeping = current !== undefined && current.callNumber !== runningNumber;
		if (!hasRun && isSleeping && isAsleepStill(tally)) {
			note(tally, current, false, now);
			rest(tally, true);
			return;
		}

		const place = readPlace(tally);
		if (place) {
			note(tally, place, hasRun, now);
		}

		rest(tally, false);
	};

	/** Those of new threads begin now. */
	const tallyOf = (entry: ThreadEntry, now: number): ThreadTally => {
		let tally = tallies.get(entry);
		if (!tally) {
			tally = createThreadTally(entry, now);
			tallies.set(entry, tally);
		}

		return tally;
	};

	return {
		tallies,
		runtimeLooks,
		get looks() {
			return looks;
		},
		*round(clock) {
			rounds++;
			runtimeStacks.beginRound();
			let sinceYield = 0;
			for (const entry of process.threads.values()) {
				const now = clock();
				const tally = tallyOf(entry, now);
				if (tally.dueRound <= rounds) {
					look(tally, now);
					if (++sinceYield % threadsBetweenYields === 0) {
						yield;
					}
				}
			}

			stacks.release();
		},
		contendedPercent: key => ((contended.get(key)?.rounds ?? 0) / Math.max(1, rounds)) * 100,
		nameStacks: stacks.name,
		forgetProgram() {
			process.generation++;
			stacks.forget();
		},
	};
};
