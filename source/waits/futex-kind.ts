import type {FutexWait} from './futex.js';

/** Whether a number is one of the process's threads, in the numbers that its own pid namespace uses. */
export type IsThreadId = (tid: number) => boolean;

/** As far above the stack pointer as a caller's own frame reaches. */
const ownFrameBytes = 1024;

/** glibc's mutex and low-level lock: taken, and somebody waits (`lowlevellock.h`). */
const lockedWithWaiters = 2;
const threadIdLimit = 4_194_304;
const topBit = 0x8000_0000;

/** Where stacks of threads lie, with the thread at their ends: some kernels and libraries give that memory names. */
const ofThreads = /^(?:anonymous|\[(?:anon|stack):.*\])$/;

/**
pthread_join(3) of glibc sleeps until the kernel clears the joined thread's id, and so expects that id. It's the one such wait
that isn't private to the process. Where threads aren't known, values so small that a lock shared by processes holds them too
prove nothing. Older versions call WAIT, as std::latch does, whose count may well be the id of a thread in a container: the id of a thread
lies in memory of its own, never in a program's variables or on the heap.
*/
const isJoin = (
	futex: FutexWait,
	isThreadId: IsThreadId | undefined,
	region: string | undefined,
): boolean => {
	const value = futex.value ?? 0;
	const isInOwnMemory =
		futex.operation === 'WAIT_BITSET' || region === undefined || ofThreads.test(region);

	if (futex.isPrivate || value === 0 || value > threadIdLimit || !isInOwnMemory) {
		return false;
	}

	if (isThreadId !== undefined) {
		return isThreadId(value) && (futex.operation === 'WAIT_BITSET' || value > 3);
	}

	return futex.operation === 'WAIT_BITSET' && value > 3;
};

/**
The word of a contended glibc mutex is 2 and lies at a multiple of 8, being the first of its structure; that of a barrier, which may
be 2 as well, doesn't. musl sleeps with 2 on a word in its own stack frame for a condition variable.
*/
const isGlibcLock = (futex: FutexWait, stackPointer: number): boolean => {
	const address = futex.address ?? 0;
	const isInOwnFrame = address >= stackPointer && address - stackPointer < ownFrameBytes;

	return (
		futex.operation === 'WAIT' &&
		futex.value === lockedWithWaiters &&
		!futex.timed &&
		address % 8 === 0 &&
		!isInOwnFrame
	);
};

/**
Locks whose word has its top bit set as long as somebody waits: glibc's robust mutexes and musl's of all kinds. A semaphore of musl
is nothing but that bit, or all bits.
*/
const isTopBitLock = (futex: FutexWait): boolean => {
	const value = futex.value ?? 0;

	return futex.operation === 'WAIT' && value > topBit && value !== 0xffff_ffff;
};

/**
Kind of a futex wait, as far as its arguments prove it: `join`, `lock`, or `futex` for condition variables,
semaphores, idle pools and locks that look like them. `region`: where its word lies, `anonymous` for memory without a name.
*/
export const futexKind = (
	futex: FutexWait,
	stackPointer: number,
	isThreadId?: IsThreadId,
	region?: string,
): 'join' | 'lock' | 'futex' => {
	if (futex.operation === 'LOCK_PI' || futex.operation === 'LOCK_PI2') {
		return 'lock';
	}

	if (isJoin(futex, isThreadId, region)) {
		return 'join';
	}

	return isGlibcLock(futex, stackPointer) || isTopBitLock(futex) ? 'lock' : 'futex';
};
