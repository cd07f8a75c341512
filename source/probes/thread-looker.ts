import {hrtime} from 'node:process';
import {isKnown} from '../model/reading.js';
import type {Wait} from '../model/wait.js';
import {isToldByCall, type WaitReader} from '../observer/wait-reader.js';
import {readPath} from '../procfs/descriptor.js';
import {parseStat} from '../procfs/stat.js';
import {createSyscallLine, type SyscallLine} from '../procfs/syscall.js';
import type {ThreadEntry} from '../sampler/task-entry.js';
import type {TaskFiles} from '../sampler/task-files.js';
import {decodeFutex, futexKey} from '../waits/futex.js';
import {syscallName} from '../waits/syscall-numbers.js';
import type {RuntimeLook} from './cpu-profile.js';
import type {RuntimeStacks} from './runtime-stacks.js';
import type {StackStore} from './stack-store.js';
import {createSeen, type Seen, type ThreadTally} from './thread-tally.js';

/** Finds out where one thread is. */
export type ThreadLooker = {
	/** Looks at threads in their runtime's code while they ran, in order of time. */
	readonly runtimeLooks: readonly RuntimeLook[];
	/** What was read before may be something else by now. Takes the process's first thread. */
	beginRound(main: ThreadEntry | undefined): void;
	/** Whether it sleeps in a system call, or outside any, right now. */
	isAsleep(entry: ThreadEntry): boolean;
	/**
	Where it is, one of its places or a new one; undefined when it is gone. `withStack`: with its stack and its runtime's frames, which
	takes several times as long; else with them where they are known, and where not they may be told later, by `withStack` below.
	*/
	place(tally: ThreadTally, withStack: boolean): Seen | undefined;
	/** The place with its stack of a thread that was just found asleep, and hasn't moved since; undefined when it has. */
	withStack(tally: ThreadTally): Seen | undefined;
	/**
	The same for threads that mostly have the same stack, of the one that was looked at last: its call, the instruction, and how far down
	a page its stack has come. Stacks begin at pages, so that those who came the same way are equally far.
	*/
	waitKind(): string;
};

export type ThreadLookerParts = {
	files: TaskFiles;
	architecture: string;
	waits: WaitReader;
	stacks: StackStore;
	runtimeStacks: RuntimeStacks;
};

/** Of a limit that is a point in time each look shows another rest: the longest of some is nearest to what was asked for. */
const readingsOfLimit = 3;
const mostRuntimeLooks = 200_000;
const runningNumber = -2;
const pageBytes = 4096;
const buffer = Buffer.allocUnsafe(4096);

export const createThreadLooker = ({
	files,
	architecture,
	waits,
	stacks,
	runtimeStacks,
}: ThreadLookerParts): ThreadLooker => {
	const before = createSyscallLine();
	const runtimeLooks: RuntimeLook[] = [];
	/** One that was stopped by a signal shows the calls in which it was. */
	let isStopped = false;

	/** As the kernel shows it now; undefined when the thread is gone. */
	const readState = (entry: ThreadEntry): string => {
		const length = readPath(files.path(entry, 'stat'), buffer);
		return (length > 0 ? parseStat(buffer, length)?.state : undefined) ?? 'S';
	};

	const describe = (entry: ThreadEntry, line: SyscallLine): Wait => {
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

	/** By the system call alone, where that is clear. */
	const describeQuickly = (entry: ThreadEntry, line: SyscallLine): Wait => {
		if (isStopped) {
			return describe(entry, line);
		}

		entry.state = 'S';
		const wait = waits.describe(entry, line, undefined);
		return isToldByCall(wait) ? wait : describe(entry, line);
	};

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
			place = createSeen({wait: {kind: 'running'}, callNumber: runningNumber, runtimeStack});
			tally.places.set(key, place);
		}

		return place;
	};

	/** What a limit that is a point in time was, as near as it can be told. */
	const lengthenLimit = (entry: ThreadEntry, place: Seen): void => {
		if (place.wait.timed !== true || place.arrivals >= readingsOfLimit) {
			return;
		}

		const wait = describeQuickly(entry, before);
		if ((wait.timeoutMilliseconds ?? 0) > (place.wait.timeoutMilliseconds ?? 0)) {
			place.wait = wait;
		}
	};

	/** Of the futex word that the thread in `before` waits on; 0 in other calls. */
	const wordKey = (): number => {
		const call = before.number < 0 ? undefined : syscallName(architecture, before.number);
		const address = decodeFutex(call, before)?.address;
		return address === undefined ? 0 : futexKey(address);
	};

	/** A thread that came there again: from the same instruction with the same stack pointer it was called from the same places. */
	const knownPlace = ({entry, byStackPointer}: ThreadTally): Seen | undefined => {
		const known = byStackPointer.get(before.stackPointer);
		if (
			known?.programCounter !== before.programCounter ||
			known.generation !== entry.process.generation ||
			known.place.callNumber !== before.number ||
			known.place.futexKey !== wordKey()
		) {
			return undefined;
		}

		lengthenLimit(entry, known.place);
		return known.place;
	};

	/** Interpreters go from line to line without moving their stack. */
	const keepStack = ({entry, byStackPointer}: ThreadTally, place: Seen): void => {
		if (!runtimeStacks.isThere) {
			const {stackPointer, programCounter} = before;
			const {generation} = entry.process;
			byStackPointer.set(stackPointer, {programCounter, generation, place});
		}
	};

	/** Where a thread sleeps whose system call was just read into `before`; undefined when it moved on meanwhile. */
	const stackPlace = (tally: ThreadTally): Seen | undefined => {
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

		const key = wordKey();
		const name = `${number} ${key} ${stacks.idOf(stack)}\n${runtimeKey(runtimeStack)}`;
		let place = places.get(name);
		if (place) {
			lengthenLimit(entry, place);
		} else {
			const wait = describe(entry, before);
			place = createSeen({wait, callNumber: number, futexKey: key, stack, runtimeStack});
			places.set(name, place);
		}

		keepStack(tally, place);
		return place;
	};

	/** The same without its stack. */
	const bareWait = ({entry, places}: ThreadTally): Seen => {
		const key = wordKey();
		const name = `${before.number} ${key}`;
		let place = places.get(name);
		if (place) {
			lengthenLimit(entry, place);
		} else {
			const wait = describeQuickly(entry, before);
			place = createSeen({wait, callNumber: before.number, futexKey: key});
			places.set(name, place);
		}

		return place;
	};

	/** Reads its system call into `before`; false when it is gone. */
	const readCall = (entry: ThreadEntry): boolean => {
		const line = waits.readSyscall(entry);
		if (!line || line.state === 'kernel' || line.state === 'exited') {
			return false;
		}

		Object.assign(before, line);
		return true;
	};

	return {
		runtimeLooks,
		beginRound(main) {
			runtimeStacks.beginRound();
			isStopped = main !== undefined && /[Tt]/.test(readState(main));
		},
		isAsleep: entry => readCall(entry) && before.state === 'blocked',
		place(tally, withStack) {
			if (!readCall(tally.entry)) {
				return undefined;
			}

			if (before.state === 'running') {
				return runningPlace(tally);
			}

			// A thread that wakes while its stack is read was in that call all the same, but nobody knows from where: it counts as running.
			return withStack
				? (stackPlace(tally) ?? runningPlace(tally))
				: (knownPlace(tally) ?? bareWait(tally));
		},
		withStack: stackPlace,
		waitKind: () => `${before.number} ${before.programCounter} ${before.stackPointer % pageBytes}`,
	};
};
