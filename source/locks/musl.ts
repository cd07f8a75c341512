import {threadIdMask} from './glibc-mutex.js';
import type {Classify, WordWait} from './lock-facts.js';
import type {MemoryWindow} from './memory-window.js';

/** EBUSY, which musl's normal mutex holds while it is taken, and the mark of waiters. */
const takenWithWaiters = 0x8000_0010;
const waitersMark = 0x8000_0000;
const fileWaitersMark = 0x4000_0000;
const variants = ['', 'recursive', 'error-checking'];

/**
musl's `pthread_mutex_t` is ten ints: type, lock, …; threads wait on the second (src/thread/pthread_mutex_timedlock.c). The normal kind doesn't
record who has it; of the others, and of a FILE's lock (src/stdio/__lockfile.c), the word is the holder's thread id with a mark.
*/
export const muslLock: Classify = (wait, window, context) => {
	const value = wait.value ?? 0;
	if (wait.operation !== 'WAIT' || wait.address % 4 !== 0) {
		return undefined;
	}

	const type = window.u32(-4) ?? 0;
	const base = wait.address - 4;
	if (value === takenWithWaiters && (type & 15) === 0) {
		return {kind: 'mutex', base, owner: 'none', confidence: 'certain'};
	}

	const owner = value & threadIdMask;
	const isMutex = value > waitersMark && [1, 2].includes(type & 3) && (type & ~0x8f) === 0;
	if (isMutex && context.isThread(owner)) {
		const variant = variants[type & 3]!;
		return {kind: 'mutex', variant, base, owner: 'word', confidence: 'certain'};
	}

	const isFile = (value & 0xc000_0000) >>> 0 === fileWaitersMark && context.isThread(owner);
	return isFile
		? {kind: 'stdio', base: wait.address, owner: 'word', confidence: 'likely'}
		: muslCounted(wait, window);
};

/** All 31 bits below the mark of waiters: taken for writing. */
const written = 0x7fff_ffff;
const plausibleReaders = 100_000;
const sharedMark = 128;

/**
musl's `pthread_rwlock_t` (src/thread/pthread_rwlock_timedwrlock.c) and `sem_t` (sem_timedwait.c) begin alike: word, number of waiters, and whether it
is shared: 128 says so of the one and the contrary of the other.
*/
const muslCounted = (wait: WordWait, window: MemoryWindow): ReturnType<Classify> => {
	const value = wait.value ?? 0;
	const word = window.u32(0) ?? 0;
	const waiters = window.u32(4) ?? 0;
	const mark = window.u32(8);
	const isWaitedFor =
		value >= waitersMark &&
		(word & waitersMark) !== 0 &&
		waiters >= 1 &&
		waiters < plausibleReaders &&
		(mark === 0 || mark === sharedMark);
	if (!isWaitedFor) {
		return undefined;
	}

	const base = wait.address;
	const isSemaphore = mark === (wait.isPrivate ? sharedMark : 0);
	if (isSemaphore) {
		return value === 0xffff_ffff || value === waitersMark
			? {kind: 'semaphore', base, owner: 'none', confidence: 'certain'}
			: undefined;
	}

	const holders = word & written;
	return holders === written || (holders > 0 && holders < plausibleReaders)
		? {kind: 'rwlock', base, owner: 'musl-rwlock', confidence: 'certain'}
		: undefined;
};
