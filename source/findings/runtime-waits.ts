import type {Process} from '../model/process.js';
import type {Thread} from '../model/thread.js';
import type {Wait, WaitShare} from '../model/wait.js';
import {remember} from './remember.js';
import {sharesOf} from './thread-facts.js';

/** Python 3's threads wait 5 ms at a time for the GIL: that is no polling. */
const gilWaitMilliseconds = 5.5;

// Names as /proc/PID/task/TID/comm has them, cut to 15 characters.
const isJvmHousekeeping = remember(name =>
	/^(?:VM Periodic Tas|VM Thread|G1 |GC Thread|Monitor Deflati|C[12] CompilerThre|Common-Cleaner|Sweeper thread|Service Thread|Signal Dispatch|Notification Th|Reference Handl|Finalizer)/.test(
		name,
	),
);

const isInterpreterImage = remember(region => /^(?:lib)?(?:python|pypy)\d?/.test(region));

/** Interpreters besides the main one have theirs on the heap. */
const isOtherGil = ({runtime}: Process, {lockId}: Wait): boolean =>
	lockId !== undefined &&
	(runtime?.otherGils?.some(gil => gil.lockId === lockId) || runtime?.gil?.lockId === lockId);

/** Whether it's the wait for the interpreter's lock of Python 3: short, and on a word inside the interpreter. */
export const isGilWait = (process: Process, wait: Wait): boolean =>
	// Of PyPy's threads one waits for the lock itself, the others at a mutex for that one's place.
	(wait.kind === 'futex' || (wait.kind === 'lock' && process.runtime?.name === 'pypy')) &&
	wait.region !== undefined &&
	(wait.region === process.runtime?.gil?.region ||
		isInterpreterImage(wait.region) ||
		isOtherGil(process, wait)) &&
	(wait.timeoutMilliseconds ?? 0) <= gilWaitMilliseconds;

/** Whether it's one of the JVM's own threads, which wake by the clock whatever the program does. */
export const isHousekeeping = (process: Process, thread: Thread): boolean =>
	process.runtime?.name === 'jvm' && isJvmHousekeeping(thread.name);

/** Whether it waits for what its runtime does for itself. */
export const isRuntimesOwn = (process: Process, thread: Thread, wait: WaitShare): boolean =>
	isHousekeeping(process, thread) || isGilWait(process, wait);

/** Whether nothing but its turns at the interpreter's lock was seen of a thread: that tells nothing about what it does in between. */
export const isOnlySeenAtGil = (process: Process, thread: Thread): boolean =>
	process.runtime?.name === 'cpython' &&
	sharesOf(thread).every(share => share.kind === 'running' || isGilWait(process, share));

const oneAtATime: ReadonlySet<string | undefined> = new Set(['cpython', 'pypy', 'ruby']);

/** Whether its interpreter lets one thread run at a time: the lock for that makes further switches of a wake, too short to be seen. */
export const hasOneLock = ({runtime}: Process): boolean => oneAtATime.has(runtime?.name);
