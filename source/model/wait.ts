/**
What a thread waits for, in one word that a person understands.

`futex` is any futex wait whose purpose the arguments don't prove (condition
variable, semaphore, idle pool, or a lock); `lock` is one that they do prove.
`running` is on a CPU or waiting for one: the kernel doesn't say which here.
*/
export type WaitKind =
	| 'running'
	| 'futex'
	| 'lock'
	| 'join'
	| 'sleep'
	| 'poll'
	| 'epoll'
	| 'pipe'
	| 'socket'
	| 'file-lock'
	| 'disk'
	| 'kernel-lock'
	| 'page-fault'
	| 'child'
	| 'signal'
	| 'terminal'
	| 'stopped'
	| 'exited'
	| 'idle'
	| 'other';

/** One wait of one thread. Keys that don't apply are missing. */
export type Wait = {
	kind: WaitKind;
	/** System call's name, such as `futex` or `epoll_wait`; missing where it wasn't collected. */
	call?: string;
	/** Longest time the call was told to wait; missing when it waits for ever or the kernel didn't let us read it. */
	timeoutMilliseconds?: number;
	/** Whether the call has a time limit at all. Missing where arguments couldn't be read. */
	timed?: boolean;
	/** Futex word's address in the process, as hexadecimal. */
	futexAddress?: string;
	/** `WAIT`, `WAIT_BITSET`, `LOCK_PI`…; see futex(2). */
	futexOperation?: string;
	/** Value that the futex word was expected to hold, see futex(2). */
	futexValue?: number;
	/** Thread whose end it waits for, by the id that its own process knows it by. */
	joinedTid?: number;
	/** Whether other processes can wait on the word too: it was not said to be private, see futex(2). */
	futexShared?: true;
	/** Whether its clock is the wall clock; glibc says so for waits without a limit too, which tells its calls from others'. */
	futexRealtime?: true;
	/** Where the futex word lies: `libpython3.11.so.1.0`, `[heap]`, `anonymous`… */
	region?: string;
	/** File descriptor that it waits on. */
	fd?: number;
	/** What it waits on where that can be told: `socket 127.0.0.1:51234 -> 127.0.0.1:8080 of 4711 nginx`, `pipe from 4711 nginx`, a file's path. */
	target?: string;
	/** Processes at the other end of the pipe or the connection. Missing where none was found, or none was looked for. */
	peerPids?: readonly number[];
	/** Process that has the lock on the file that it waits for. Missing where the kernel doesn't say. */
	holderPid?: number;
	/** How many open files of which kind it watches by epoll, poll or select: `{"socket": 12, "timerfd": 1}`. */
	watches?: Readonly<Record<string, number>>;
	/**
	How many event loops watch one and the same socket, this one among them, so that each event there wakes them all: without EPOLLEXCLUSIVE,
	see epoll_ctl(2), or by select and poll. Only looked for where many loops of one program wake alike; missing where none was found.
	*/
	wokenTogether?: number;
	/** `id` of one of the process's locks. */
	lockId?: string;
};

/** How often a thread was seen in one wait, of all looks in the interval; shares sum to 100. */
export type WaitShare = Wait & {percent: number};
