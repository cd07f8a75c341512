import {isKnown, type Reading} from '../model/reading.js';
import type {Wait} from '../model/wait.js';
import {failure} from '../procfs/descriptor.js';
import {createSyscallLine, parseSyscall, type SyscallLine} from '../procfs/syscall.js';
import {parseWaitChannel} from '../procfs/wchan.js';
import type {ThreadEntry} from '../sampler/task-entry.js';
import type {TaskFiles} from '../sampler/task-files.js';
import {callName} from '../waits/call-name.js';
import {describeWait} from '../waits/describe-wait.js';
import {decodeFutex} from '../waits/futex.js';
import {readTimeout} from '../waits/timeout.js';
import type {AddressSpaces} from './address-spaces.js';

/** Reads what a thread waits for. */
export type WaitReader = {
	/** Fills `line`; null when the kernel refused, undefined when it isn't there or the thread is gone. */
	readSyscall(entry: ThreadEntry): Reading<SyscallLine>;
	/** Kernel function that it sleeps in; null when the kernel hides it. */
	readWaitChannel(entry: ThreadEntry): Reading<string>;
	/** Describes the wait of a thread whose system call was just read, while it still sleeps in it. */
	describe(
		entry: ThreadEntry,
		line: Reading<SyscallLine>,
		waitChannel: Reading<string>,
		withTimeout?: boolean,
	): Reading<Wait>;
	/**
	Reads of a thread that keeps running what its system call tells without the wait channel, and on request without a time limit that stands
	in memory, where that is clear: half the cost. The rest is postponed until it sleeps on.
	*/
	updateBriefly(entry: ThreadEntry, withTimeout: boolean): void;
	/** Reads wait and wait channel into the entry and marks it settled when both are certain until it runs again. */
	update(entry: ThreadEntry): void;
};

/** What a system call alone says too little of. */
const unclearKinds: ReadonlySet<string> = new Set(['other', 'page-fault', 'disk']);

/** Whether a wait that was described by the system call alone is one that the wait channel could not tell any better. */
export const isToldByCall = (wait: Reading<Wait>): wait is Wait =>
	isKnown(wait) && wait.call !== 'restart_syscall' && !unclearKinds.has(wait.kind);

const buffer = Buffer.allocUnsafe(512);
const line = createSyscallLine();
// Two sweeps in a row in which a thread ran: its files will be read again soon.
const activeSweepsToHold = 2;
const channelNames = new Map<string, string | undefined>();

/** Wait channels are few: each name is parsed once. */
const channelName = (length: number): string | undefined => {
	const text = buffer.toString('latin1', 0, length);
	if (!channelNames.has(text)) {
		channelNames.set(text, parseWaitChannel(text));
	}

	return channelNames.get(text);
};

/** All that the reader says of a wait. */
const fields = [
	'kind',
	'call',
	'timeoutMilliseconds',
	'timed',
	'futexAddress',
	'futexOperation',
	'futexValue',
	'joinedTid',
	'futexShared',
	'futexRealtime',
	'region',
	'fd',
] as const satisfies readonly (keyof Wait)[];

export const createWaitReader = (
	files: TaskFiles,
	spaces: AddressSpaces,
	architecture: string,
): WaitReader => {
	const readSyscall = (entry: ThreadEntry): Reading<SyscallLine> => {
		const {process} = entry;
		if (process.waitsRefused) {
			return null;
		}

		const hold = entry.activeSweeps >= activeSweepsToHold;
		const length = files.read(entry, 'syscallDescriptor', buffer, hold);
		if (length === failure.denied) {
			process.waitsRefused = true;
			return null;
		}

		return length > 0 && parseSyscall(buffer, length, line) ? line : undefined;
	};

	/** Null when the kernel hides it: it reads `0` for a sleeping thread that we may not look into. */
	const readWaitChannel = (entry: ThreadEntry): Reading<string> => {
		const hold = entry.activeSweeps >= activeSweepsToHold;
		const length = files.read(entry, 'waitChannelDescriptor', buffer, hold);
		if (length === failure.denied) {
			return null;
		}

		const name = length > 0 ? channelName(length) : undefined;
		if (name === undefined && entry.process.kernelThread) {
			// Says nothing of a kernel thread, but whether we are refused.
			readSyscall(entry);
		}

		return name === undefined && entry.process.waitsRefused && entry.state !== 'Z' ? null : name;
	};

	const describe = (
		entry: ThreadEntry,
		syscall: Reading<SyscallLine>,
		waitChannel: Reading<string>,
		withTimeout = true,
	): Reading<Wait> => {
		const {process} = entry;
		const call =
			syscall?.state === 'blocked' ? callName(architecture, syscall, waitChannel) : undefined;
		const readMemory = syscall ? spaces.of(process).memory.read : undefined;
		const timeout =
			withTimeout && syscall && readMemory && call
				? readTimeout(call, syscall, readMemory)
				: undefined;
		const address = syscall && call ? decodeFutex(call, syscall, readMemory)?.address : undefined;
		const region = address === undefined ? undefined : spaces.of(process).regionOf(address);
		return describeWait({
			state: entry.state,
			syscall,
			waitChannel,
			architecture,
			kernelThread: process.kernelThread,
			timeoutMilliseconds: timeout && Math.max(0, timeout.milliseconds),
			isThreadId: tid => process.threads.has(tid),
			...(region !== undefined && {region}),
			...(readMemory && {readMemory}),
		});
	};

	let last: Wait | undefined;

	/** Threads of a pool are read one after the other, and wait for the same: one object for all of them. */
	const shared = (wait: Wait): Wait => {
		const known = last;
		if (known && fields.every(field => known[field] === wait[field])) {
			return known;
		}

		last = wait;
		return wait;
	};

	const setWait = (
		entry: ThreadEntry,
		wait: Reading<Wait>,
		waitChannel: Reading<string>,
		isBrief: boolean,
	): void => {
		entry.wait = wait && shared(wait);
		entry.waitChannel = waitChannel;
		entry.settled = wait?.kind !== 'running' && entry.state !== 'R';
		entry.postponed = isBrief && entry.settled;
	};

	const updateWith = (entry: ThreadEntry, syscall: Reading<SyscallLine>): void => {
		const waitChannel = readWaitChannel(entry);
		setWait(entry, describe(entry, syscall, waitChannel), waitChannel, false);
	};

	/** A kernel thread's system call says nothing. */
	const readCall = (entry: ThreadEntry): Reading<SyscallLine> =>
		entry.process.kernelThread ? undefined : readSyscall(entry);

	return {
		readSyscall,
		readWaitChannel,
		describe,
		update(entry) {
			if (entry.state === 'R') {
				setWait(entry, {kind: 'running'}, undefined, false);
			} else {
				updateWith(entry, readCall(entry));
			}
		},
		updateBriefly(entry, withTimeout) {
			if (entry.state === 'R') {
				setWait(entry, {kind: 'running'}, undefined, false);
				return;
			}

			const syscall = readCall(entry);
			const wait =
				syscall && entry.state === 'S'
					? describe(entry, syscall, undefined, withTimeout)
					: undefined;
			if (isToldByCall(wait)) {
				setWait(entry, wait, undefined, true);
			} else {
				updateWith(entry, syscall);
			}
		},
	};
};
