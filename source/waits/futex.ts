import type {ReadMemory} from '../procfs/memory.js';
import type {SyscallLine} from '../procfs/syscall.js';

/** A futex call that sleeps, as its arguments tell it; see futex(2). */
export type FutexWait = {
	/** `WAIT`, `WAIT_BITSET`, `LOCK_PI`, `WAIT_REQUEUE_PI`, `LOCK_PI2`, or `WAITV` for futex_waitv(2). */
	operation: string;
	/** The futex word's address; of futex_waitv the first word's, `undefined` when it couldn't be read. */
	address: number | undefined;
	/** Value that the word was expected to hold, as an unsigned 32-bit number. The PI operations expect none. */
	value: number | undefined;
	/** Whether there is a time limit. */
	timed: boolean;
	/** Where the limit lies in memory: a timespec; 0 when there is none. */
	timeoutAddress: number;
	/** Whether the limit is a point in time, not a length. */
	absolute: boolean;
	/** Whether that point is on the wall clock, not on the monotonic one. */
	realtime: boolean;
	/** Whether only this process's threads can wait on the word. */
	isPrivate: boolean;
};

const operationMask = 0x7f;
const privateFlag = 0x80;
const realtimeFlag = 0x100;
const clockRealtime = 0;

const wait = 0;
const lockPi = 6;

/** Operations of futex(2) that sleep. The others only wake or move sleepers. */
const sleepingOperations: ReadonlyMap<number, string> = new Map([
	[wait, 'WAIT'],
	[lockPi, 'LOCK_PI'],
	[9, 'WAIT_BITSET'],
	[11, 'WAIT_REQUEUE_PI'],
	[13, 'LOCK_PI2'],
]);

/** `futex(uaddr, op, val, timeout, uaddr2, val3)`. */
const decodeFutexCall = (line: SyscallLine): FutexWait | undefined => {
	const code = line.a1 & operationMask;
	const operation = sleepingOperations.get(code);

	if (operation === undefined) {
		return undefined;
	}

	return {
		operation,
		address: line.a0,
		value: operation.startsWith('LOCK') ? undefined : line.a2 >>> 0,
		timed: line.a3 !== 0,
		timeoutAddress: line.a3,
		absolute: code !== wait,
		// LOCK_PI's clock is the wall clock without any flag.
		realtime: code === lockPi || (line.a1 & realtimeFlag) !== 0,
		isPrivate: (line.a1 & privateFlag) !== 0,
	};
};

/** `futex_wait(uaddr, val, mask, flags, timeout, clockid)`, Linux 6.7 and later. */
const decodeFutexWait = (line: SyscallLine): FutexWait => ({
	operation: 'WAIT',
	address: line.a0,
	value: line.a1 >>> 0,
	timed: line.a4 !== 0,
	timeoutAddress: line.a4,
	absolute: true,
	realtime: (line.a5 | 0) === clockRealtime,
	isPrivate: (line.a3 & privateFlag) !== 0,
});

/**
`futex_waitv(waiters, nr, flags, timeout, clockid)`, Linux 5.16 and later. Each waiter is
`struct {u64 val, uaddr; u32 flags, reserved}` in the process's memory.
*/
const decodeFutexWaitv = (line: SyscallLine, readMemory?: ReadMemory): FutexWait => {
	const waiter = readMemory?.(line.a0, 24);

	return {
		operation: 'WAITV',
		address: waiter ? Number(waiter.readBigUInt64LE(8)) : undefined,
		value: waiter?.readUInt32LE(0),
		timed: line.a3 !== 0,
		timeoutAddress: line.a3,
		absolute: true,
		realtime: (line.a4 | 0) === clockRealtime,
		isPrivate: waiter ? (waiter.readUInt32LE(16) & privateFlag) !== 0 : false,
	};
};

/**
What a thread asleep in `futex`, `futex_wait` or `futex_waitv` waits on; `undefined` for other calls and for
operations that don't sleep. Only `futex_waitv` needs to read memory.
*/
export const decodeFutex = (
	call: string | undefined,
	line: SyscallLine,
	readMemory?: ReadMemory,
): FutexWait | undefined => {
	switch (call) {
		case 'futex':
			return decodeFutexCall(line);
		case 'futex_wait':
			return decodeFutexWait(line);
		case 'futex_waitv':
			return decodeFutexWaitv(line, readMemory);
		default:
			return undefined;
	}
};

/**
One key for all words of one lock: the address rounded down to 8. A condition variable of glibc sleeps on two
neighbouring words in turn, and locks of different objects are never that close.
*/
export const futexKey = (address: number): number => address - (address % 8);
