import type {Confidence} from '../model/finding.js';
import type {ReadMemory} from '../procfs/memory.js';
import type {MemoryWindow} from './memory-window.js';

/** One way in which threads were seen to wait on a word: all that is known of the system call's arguments. */
export type WordWait = {
	address: number;
	/** `WAIT`, `WAIT_BITSET`, `LOCK_PI`…; see futex(2). */
	operation: string;
	/** Value that the word was expected to hold; undefined for operations that expect none. */
	value: number | undefined;
	timed: boolean;
	isPrivate: boolean;
	/** Whether the call said that its clock is the wall clock. */
	realtime: boolean;
};

/** What is known about the process whose word it is. */
export type WordContext = {
	/** Whether a number is one of the process's threads, in the numbers that its own pid namespace uses. */
	isThread(tid: number): boolean;
	/** As `isThread`, also for threads of other processes: for words in shared memory. */
	isAnyThread(tid: number): boolean;
	threadCount: number;
	/** Threads seen waiting on the word. */
	waiters: number;
	readMemory: ReadMemory;
	/** Where glibc's `struct pthread` keeps the thread's id; undefined on architectures where that isn't known. */
	pthreadTidOffset: number | undefined;
	/** Whether the word is a variable of the program or of a library, not on a heap or a stack. */
	isStatic: boolean;
};

/**
Where a lock records who holds it.

- `mutex`: glibc's `pthread_mutex_t`, the id in `__owner`
- `word`: the futex word itself, the id in its low 30 bits
- `rwlock`: glibc's `pthread_rwlock_t`, the writer's id; readers are only counted
- `stdio`: glibc's `_IO_lock_t`, a pointer to the owner's `struct pthread`
- `musl-rwlock`: as that, with other bits
- `rust-rwlock`: readers are counted, a writer is a mark
- `none`: nowhere
*/
export type OwnerRecord =
	| 'mutex'
	| 'word'
	| 'rwlock'
	| 'stdio'
	| 'musl-rwlock'
	| 'rust-rwlock'
	| 'none';

/** What a futex word was found to belong to. */
export type LockFacts = {
	/** As in the model's Lock. */
	kind: string;
	variant?: string;
	/** Address of the whole object that the word is a part of. */
	base: number;
	owner: OwnerRecord;
	/** Address of the futex word itself. */
	word: number;
	/** `certain`: arguments and memory agree; `likely`: one of them alone. */
	confidence: Confidence;
};

/** Tells what a word belongs to; undefined when it isn't that. */
export type Classify = (
	wait: WordWait,
	window: MemoryWindow,
	context: WordContext,
) => Omit<LockFacts, 'word'> | undefined;
