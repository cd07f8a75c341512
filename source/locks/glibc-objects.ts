import type {Classify, LockFacts} from './lock-facts.js';

const found = (
	kind: string,
	base: number,
	owner: LockFacts['owner'] = 'none',
): ReturnType<Classify> & object => ({
	kind,
	base,
	owner,
	confidence: 'certain',
});

const isBetween = (value: number | undefined, low: number, high: number): boolean =>
	value !== undefined && value >= low && value <= high;

/**
`pthread_rwlock_t` since glibc 2.25 (bits/struct_rwlock.h): `readers`, `writers`, `wrphase_futex`, `writers_futex`, two paddings, `cur_writer`,
`shared`…, `flags` at 48. Threads wait on the third word, or writers on the fourth.
*/
export const glibcRwlock: Classify = (wait, window, context) => {
	const start = wait.address % 8 === 0 ? -8 : -12;
	const base = wait.address + start;
	const at = (offset: number) => window.u32(start + offset);
	const writer = at(24) ?? -1;
	const shared = at(28);
	const isOwner = shared === 0 ? context.isThread : context.isAnyThread;
	const holds =
		wait.operation === 'WAIT_BITSET' &&
		// Who waits has first marked the word as used.
		isBetween(wait.value, 2, 3) &&
		base % 8 === 0 &&
		isBetween(at(8), 0, 3) &&
		isBetween(at(12), 0, 3) &&
		at(16) === 0 &&
		at(20) === 0 &&
		isBetween(shared, 0, 1) &&
		(shared === 0) === wait.isPrivate &&
		isBetween(at(48), 0, 2) &&
		isBetween(at(4), 0, context.threadCount) &&
		// Somebody waits, so somebody must have it: a writer by name, or readers by number.
		(writer === 0 ? (at(0) ?? 0) > 0 : isOwner(writer));
	return holds ? found('rwlock', base, 'rwlock') : undefined;
};

/**
`pthread_cond_t` (nptl/pthread_cond_wait.c). `groups`: where `g_signals`, which is waited on, and `wrefs`, which counts waiters from bit 3
on, and `g_size` lie; before glibc 2.41 and from then on. A size goes below zero after waits that timed out.
*/
const conditionLayouts = [
	{signals: 40, waiterReferences: 36, sizes: 24},
	{signals: 32, waiterReferences: 28, sizes: 16},
] as const;

const isSize = (value: number | undefined): boolean =>
	value !== undefined && Math.abs(value | 0) < 1_000_000;

export const glibcCondition: Classify = (wait, window, context) => {
	if (wait.operation !== 'WAIT_BITSET') {
		return undefined;
	}

	for (const {signals, waiterReferences, sizes} of conditionLayouts) {
		const start = -signals - (wait.address % 8 === 0 ? 0 : 4);
		const base = wait.address + start;
		const sequence = window.u64(start) ?? 0;
		const firstStart = window.u64(start + 8) ?? Number.POSITIVE_INFINITY;
		const references = (window.u32(start + waiterReferences) ?? 0) >>> 3;
		if (
			base % 8 === 0 &&
			sequence >= 2 &&
			firstStart <= sequence + 4 &&
			isBetween(references, 1, context.threadCount + 1) &&
			isSize(window.u32(start + sizes)) &&
			isSize(window.u32(start + sizes + 4))
		) {
			return found('condition', base);
		}
	}

	return undefined;
};

/** The kernel has no larger numbers for threads (PID_MAX_LIMIT of linux/threads.h). */
const mostTasks = 4_194_304;

/** `sem_t` (internaltypes.h): value and number of waiters, then whether it is private (0) or shared (128). */
export const glibcSemaphore: Classify = (wait, window, context) => {
	const sharedFlag = window.u32(8);
	const holds =
		wait.operation === 'WAIT_BITSET' &&
		wait.value === 0 &&
		wait.address % 8 === 0 &&
		window.u32(0) === 0 &&
		// Of a shared one the waiters of all processes count.
		isBetween(window.u32(4), 1, wait.isPrivate ? context.threadCount + 1 : mostTasks) &&
		sharedFlag === (wait.isPrivate ? 0 : 128) &&
		window.u32(12) === 0;
	return holds ? found('semaphore', wait.address) : undefined;
};

/** `pthread_barrier_t` (internaltypes.h): `in`, `current_round`, which is waited on, `count`, `shared`, `out`. */
export const glibcBarrier: Classify = (wait, window) => {
	const arrived = (window.u32(-4) ?? 0) - (wait.value ?? 0);
	const count = window.u32(4) ?? 0;
	const holds =
		wait.operation === 'WAIT' &&
		wait.address % 8 === 4 &&
		window.u32(0) === wait.value &&
		arrived >= 1 &&
		arrived < count &&
		count < 1_000_000 &&
		window.u32(8) === (wait.isPrivate ? 0 : 128);
	return holds ? found('barrier', wait.address - 4) : undefined;
};

/** In progress, with threads that wait for it: libstdc++'s guard of a static variable (cxxabi guard.cc). */
const guardPendingAndWaiting = 0x1_0100;

/** Far above what a process forks before it has called everything once; other locks' words have marks in their upper bits. */
const mostForks = 1_000_000;

/**
`pthread_once` waits on a static word that holds a fork count times 4, plus 1 while it runs (nptl/pthread_once.c); C++ waits in the
same way for a static variable that another thread initialises.
*/
export const onceControl: Classify = (wait, window, {isStatic}) => {
	const isHeld = wait.operation === 'WAIT' && window.u32(0) === wait.value && isStatic;
	if (isHeld && wait.value === guardPendingAndWaiting) {
		return {...found('once', wait.address), variant: 'static variable of C++'};
	}

	return isHeld && wait.value! < mostForks && wait.value! % 4 === 1 && wait.isPrivate && !wait.timed
		? {...found('once', wait.address), confidence: 'likely'}
		: undefined;
};

/** `_IO_lock_t` of a FILE (sysdeps/nptl/stdio-lock.h): `lock`, `cnt`, and a pointer to the owner's `struct pthread`. */
export const glibcStdio: Classify = (wait, window, {readMemory, pthreadTidOffset, isThread}) => {
	const owner = window.u64(8) ?? 0;
	const isLow =
		wait.operation === 'WAIT' &&
		wait.value === 2 &&
		wait.address % 8 === 0 &&
		isBetween(window.u32(4), 1, 100_000) &&
		owner % 16 === 0;
	const bytes =
		isLow && owner > 0 && pthreadTidOffset !== undefined
			? readMemory(owner + pthreadTidOffset, 4)
			: undefined;
	return bytes && isThread(bytes.readUInt32LE(0))
		? found('stdio', wait.address, 'stdio')
		: undefined;
};
