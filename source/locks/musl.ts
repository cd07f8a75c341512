import {threadIdMask} from './glibc-mutex.js';
import type {Classify} from './lock-facts.js';

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
		: undefined;
};
