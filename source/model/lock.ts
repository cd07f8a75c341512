import type {Confidence} from './finding.js';
import type {Reading} from './reading.js';

/** How often a thread was seen to hold a lock, of all looks at it; at the others it was free or changed hands. */
export type HolderShare = {
	tid: number;
	/** Its process, where that is another one than the lock was seen in. */
	pid?: number;
	percent: number;
};

/** What holders of a lock were seen to do meanwhile. */
export type HeldWhile = {
	/** `running`, or the name of the system call that it slept in. */
	what: string;
	percent: number;
};

/** A futex word (or pair of them), or a lock that a language runtime keeps, that threads were seen to wait on. */
export type Lock = {
	/**
	Stable within the process: `futex:`, `monitor:`, `wait-set:` (who waits at a monitor to be woken) or `java:` and the hexadecimal
	address; a collector may move those of `java:`.
	*/
	id: string;
	/**
	`gil`, `mutex`, `rwlock`, `condition`, `semaphore`, `barrier`, `once`, `stdio`, `loader` (of shared libraries), `arena` (of
	malloc), `monitor` (of a Java object), `park` (a thread that waits to be woken); `lock` where it is one of a kind that isn't known, `futex` where
	not even that is known.
	*/
	kind: string;
	/** What is special about it, such as `recursive, robust`. */
	variant?: string;
	/** What it is called, as far as evidence goes: `GIL`, `mariadbd!LOCK_open`, `[heap]+0x11ef0`. */
	name: string;
	/** Where the word lies in memory that processes share, as `device:inode+offset`: the same text in each of them. */
	sharedId?: string;
	/** Null: refused. Missing: nobody held it, or it isn't known; `holderNote` says which. */
	holderTid?: Reading<number>;
	/** The holder's process, where that is another one. */
	holderPid?: number;
	/** Why there is no holder: `owner not recorded by this kind of lock`, `free at the moment of reading`, `held by 3 readers…`. */
	holderNote?: string;
	/** Who held it over the looks of the interval, most often first; missing where nobody was seen to. */
	holders?: readonly HolderShare[];
	/** What its holders did meanwhile, most often first. */
	heldWhile?: readonly HeldWhile[];
	/** Function in which a thread wants it, as in `Account::transfer+0x42`, from that thread's stack. */
	wantedIn?: string;
	/**
	Of a Java monitor or condition that many wait at: those of `notify`, `notifyAll`, `signal` and `signalAll` that the waiting class
	calls. Missing where that wasn't asked or can't be told.
	*/
	wakers?: readonly string[];
	/** Threads seen waiting on it during the interval. */
	waiterTids: readonly number[];
	/** Mean number of threads that waited on it, over the looks of the interval. */
	waitersAverage: number;
	/** Share of the looks at which at least one thread waited. */
	contendedPercent: number;
	confidence: Confidence;
};

/** One thread that waits for another. */
export type WaitsFor = {
	pid: number;
	tid: number;
	/** `id` of the lock in the waiting thread's process; missing when it waits for the other to end (pthread_join). */
	lockId?: string;
	/** What it waits for, such as `mutex bank!accounts+0x28` or `end of thread 4711`. */
	what: string;
	holderPid: number;
	holderTid: number;
};

/** Threads that wait for each other in a circle, none of which has run for at least a second. */
export type Deadlock = {
	/** Each one's holder is the next one's waiting thread, and the last one's holder the first waiting thread. */
	circle: readonly WaitsFor[];
	/** Threads that wait, directly or through others, for one in the circle. */
	blockedTids: readonly number[];
	/** When it was seen first, RFC 3339 UTC. */
	since: string;
	/** How long it has been seen. */
	seconds: number;
};

/** A lock on a file that a process waits for; see proc_locks(5). */
export type FileLock = {
	/** `POSIX`, `FLOCK`, `OFDLCK`, `LEASE`. */
	kind: string;
	access: 'read' | 'write';
	/** `device:inode`. */
	file: string;
	/** Missing where no process that has the file open may be looked into. */
	path?: string;
	/**
	Who has the open file that the lock belongs to: most often the process that took it; where that one has ended, as flock(1) of a descriptor
	of a script does, the first of those that share it. Missing where that isn't known.
	*/
	holderPid?: number;
	holderName?: string;
	waiterPids: readonly number[];
	/** The part of the file: `0-EOF`. */
	range: string;
};

/**
A lock on a file that nobody waits for in the kernel: those who want it sleep, and try again, as those do that use one SQLite database.
*/
export type RetriedLock = {
	/** `device:inode` as in /proc/locks; missing where nobody had it when that was read. */
	file?: string;
	/** Of the database. */
	path: string;
	/** Who had it when /proc/locks was read last. */
	holderPid?: number;
	holderName?: string;
	/** Of those that want it. */
	pids: readonly number[];
	/** Threads that were seen asleep between two tries, by their stacks. */
	tids: readonly number[];
	/** How many threads were asleep so, on average of the last looks, of the few whose stacks there is time for. */
	waitersAverage: number;
};
