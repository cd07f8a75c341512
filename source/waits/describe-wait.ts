import {isKnown, isRefused, type Reading} from '../model/reading.js';
import type {TaskState} from '../model/thread.js';
import type {Wait, WaitKind} from '../model/wait.js';
import type {ReadMemory} from '../procfs/memory.js';
import type {SyscallLine} from '../procfs/syscall.js';
import {
	addressSpaceCalls,
	callDescriptor,
	callKind,
	callTarget,
	descriptorKind,
} from './call-kind.js';
import {callName} from './call-name.js';
import {decodeFutex, type FutexWait} from './futex.js';
import {futexKind, type IsThreadId} from './futex-kind.js';
import {muslJoined} from './musl-join.js';
import {timeoutArgument} from './timeout.js';
import {waitChannelKind} from './wait-channel.js';

export type WaitSource = {
	state: TaskState;
	syscall: Reading<SyscallLine>;
	/** Kernel function that it sleeps in; null when we know that the kernel hides it. */
	waitChannel: Reading<string>;
	/** `x64` or `arm64`, or as uname(1) says it. */
	architecture: string;
	kernelThread?: boolean;
	/** Where the futex word lies. */
	region?: string;
	timeoutMilliseconds?: Reading<number>;
	/** What the descriptor that it waits on is, such as `socket:[4711]`: tells waits apart that share a wait channel. */
	descriptor?: Reading<string>;
	isThreadId?: IsThreadId;
	/** Only futex_waitv(2) needs it. */
	readMemory?: ReadMemory;
};

const kindOfChannel = (channel: Reading<string>): WaitKind | undefined =>
	isKnown(channel) ? waitChannelKind(channel) : undefined;

const isAsleepWithoutInterruption = (state: TaskState): boolean => state === 'D';

/**
Of a thread in uninterruptible sleep. A wait channel that isn't known is taken for a lock of the kernel: those show as whatever
function wanted the lock, while the functions that wait for disks are few.
*/
const uninterruptibleKind = (
	channel: Reading<string>,
	call: string | undefined,
	kindByCall: WaitKind | undefined,
): WaitKind => {
	if (isKnown(channel)) {
		return waitChannelKind(channel) ?? 'kernel-lock';
	}

	if (kindByCall !== undefined) {
		return kindByCall;
	}

	return call !== undefined && addressSpaceCalls.has(call) ? 'kernel-lock' : 'other';
};

/** Of a kernel thread: asleep it's idle, unless it waits uninterruptibly for a disk or a lock. */
const kernelThreadKind = ({state, waitChannel}: WaitSource): WaitKind => {
	if (state === 'R') {
		return 'running';
	}

	const kind = isAsleepWithoutInterruption(state) ? kindOfChannel(waitChannel) : undefined;

	return kind === 'disk' || kind === 'kernel-lock' ? kind : 'idle';
};

/** Outside any call it sleeps on a page of memory, or on the lock of the address space. */
const outsideCallKind = ({waitChannel}: WaitSource): WaitKind =>
	kindOfChannel(waitChannel) === 'kernel-lock' ? 'kernel-lock' : 'page-fault';

const interruptibleKind = (source: WaitSource, kindByCall: WaitKind | undefined): WaitKind => {
	const kindByDescriptor = isKnown(source.descriptor)
		? descriptorKind(source.descriptor)
		: undefined;

	return kindByCall ?? kindOfChannel(source.waitChannel) ?? kindByDescriptor ?? 'other';
};

const kindOfCall = (source: WaitSource, line: SyscallLine, call: string | undefined): WaitKind => {
	const kindByCall = call === undefined ? undefined : callKind(call, line);

	// A parent of a vfork child sleeps uninterruptibly by design.
	return isAsleepWithoutInterruption(source.state) && kindByCall !== 'child'
		? uninterruptibleKind(source.waitChannel, call, kindByCall)
		: interruptibleKind(source, kindByCall);
};

/** Whether the call has a time limit, and which; no key where it has no such argument. */
const timing = (
	source: WaitSource,
	line: SyscallLine,
	call: string | undefined,
): Pick<Wait, 'timed' | 'timeoutMilliseconds'> => {
	const argument = timeoutArgument(call, line);

	if (argument === undefined) {
		return {};
	}

	if (argument.form === 'forever') {
		return {timed: false};
	}

	const timeoutMilliseconds =
		argument.form === 'milliseconds' ? argument.value : source.timeoutMilliseconds;

	return isKnown(timeoutMilliseconds) ? {timed: true, timeoutMilliseconds} : {timed: true};
};

/** Its joins look like waits for a lock: only the memory around the word tells. */
const joinedOfMusl = (
	{readMemory, isThreadId}: WaitSource,
	kind: WaitKind,
	{address, value}: FutexWait,
): number | undefined => {
	const joined =
		kind === 'lock' && address !== undefined && readMemory
			? muslJoined(address, value, readMemory)
			: undefined;
	return joined !== undefined && isThreadId?.(joined) !== false ? joined : undefined;
};

const describeFutex = (source: WaitSource, line: SyscallLine, call: string): Wait | undefined => {
	const futex = decodeFutex(call, line, source.readMemory);

	if (futex === undefined) {
		return undefined;
	}

	const kind = futexKind(futex, line.stackPointer, source.isThreadId, source.region);
	const joinedTid = kind === 'join' ? futex.value : joinedOfMusl(source, kind, futex);
	const wait: Wait = {
		kind: joinedTid === undefined ? kind : 'join',
		call,
		...timing(source, line, call),
		futexOperation: futex.operation,
	};

	if (joinedTid !== undefined) {
		wait.joinedTid = joinedTid;
	}

	if (futex.address !== undefined) {
		wait.futexAddress = `0x${futex.address.toString(16)}`;
	}

	if (futex.value !== undefined) {
		wait.futexValue = futex.value;
	}

	if (!futex.isPrivate) {
		wait.futexShared = true;
	}

	if (futex.realtime) {
		wait.futexRealtime = true;
	}

	if (source.region !== undefined) {
		wait.region = source.region;
	}

	return wait;
};

const describeCall = (source: WaitSource, line: SyscallLine): Wait => {
	if (line.number < 0) {
		return {kind: outsideCallKind(source)};
	}

	const call = callName(source.architecture, line, source.waitChannel);
	const futex = call === undefined ? undefined : describeFutex(source, line, call);

	if (futex !== undefined) {
		return futex;
	}

	const wait: Wait = {kind: kindOfCall(source, line, call)};

	if (call === undefined) {
		return wait;
	}

	const fd = callDescriptor(call, line);
	const target = callTarget(call, line);

	return {
		...wait,
		call,
		...timing(source, line, call),
		...(fd === undefined ? {} : {fd}),
		...(target === undefined ? {} : {target}),
	};
};

/** By the wait channel alone, for threads whose system call is refused or that this kernel doesn't show. */
const describeChannel = ({state, waitChannel}: WaitSource, channel: string): Wait => ({
	kind: isAsleepWithoutInterruption(state)
		? uninterruptibleKind(waitChannel, undefined, undefined)
		: (waitChannelKind(channel) ?? 'other'),
});

/** What the letter of the state alone tells; see proc_pid_stat(5). */
const kindByState = (source: WaitSource): WaitKind | undefined => {
	if (source.state === 'Z' || source.state === 'X' || source.syscall?.state === 'exited') {
		return 'exited';
	}

	// A frozen cgroup shows in the wait channel alone.
	if (
		source.state === 'T' ||
		source.state === 't' ||
		kindOfChannel(source.waitChannel) === 'stopped'
	) {
		return 'stopped';
	}

	return source.kernelThread === true || source.syscall?.state === 'kernel'
		? kernelThreadKind(source)
		: undefined;
};

/**
What a thread waits for, in one word and with what its system call tells.

The system call comes first, the wait channel where that is refused or where the call may wait for anything. `null` when the
kernel refused both, `undefined` when there is neither.
*/
export const describeWait = (source: WaitSource): Reading<Wait> => {
	const {state, syscall, waitChannel} = source;
	const kind = kindByState(source);

	if (kind !== undefined) {
		return {kind};
	}

	// The call may be newer than the state: it's looked at more often.
	if (syscall?.state === 'blocked') {
		return describeCall(source, syscall);
	}

	if (syscall?.state === 'running' || state === 'R') {
		return {kind: 'running'};
	}

	if (isKnown(waitChannel)) {
		return describeChannel(source, waitChannel);
	}

	return isRefused(syscall) || isRefused(waitChannel) ? null : undefined;
};
