import type {FutexWait} from '../../waits/futex.js';
import {futexKey} from '../../waits/futex.js';
import {isInterpreterData, type PythonInterpreter} from './interpreter.js';

/** `sys.getswitchinterval()` where nobody has changed it. */
export const defaultSwitchIntervalMilliseconds = 5;

/** The wall clock that we compare with counts whole milliseconds; the thread may have gone to sleep since it was read. */
const slackMilliseconds = 1.5;

/** A futex wait together with what was found out about it. */
export type PythonFutexWait = {
	futex: Pick<FutexWait, 'operation' | 'address' | 'value' | 'timed' | 'isPrivate'>;
	/** What is left of its time limit; `undefined` when it has none or it wasn't read. */
	timeoutMilliseconds: number | undefined;
	/** Name of the mapping that the word lies in: `[heap]`… */
	region: string | undefined;
};

/**
From 3.2 on a thread that wants the GIL sleeps on a condition variable among the interpreter's own variables, for one switch interval
at a time, and then asks the holder to let go (`take_gil` in CPython's ceval_gil.c). Other static locks there are waited for
without such a short limit.
*/
const isGilWait = (
	interpreter: PythonInterpreter,
	{futex, timeoutMilliseconds}: PythonFutexWait,
	switchIntervalMilliseconds: number,
): boolean =>
	futex.operation === 'WAIT_BITSET' &&
	futex.timed &&
	timeoutMilliseconds !== undefined &&
	timeoutMilliseconds <= switchIntervalMilliseconds + slackMilliseconds &&
	futex.address !== undefined &&
	isInterpreterData(interpreter, futex.address);

/**
Up to 3.1 the GIL is a semaphore on the heap, as every Python lock is; a thread waits for it without a limit. Alone it proves nothing: see
`sharedSemaphore`.
*/
const isSemaphoreWait = ({futex, region}: PythonFutexWait): boolean =>
	futex.operation === 'WAIT_BITSET' &&
	!futex.timed &&
	futex.value === 0 &&
	futex.isPrivate &&
	region === '[heap]';

/**
Whether a thread of a Python process waits for the GIL.

`gil`: it does. `candidate`: Python 2's, it waits for a lock that may be the GIL. `undefined`: it waits for something else.
*/
export const classifyPythonFutex = (
	interpreter: PythonInterpreter,
	wait: PythonFutexWait,
	switchIntervalMilliseconds = defaultSwitchIntervalMilliseconds,
): 'gil' | 'candidate' | undefined => {
	if (interpreter.isFreeThreaded) {
		return undefined;
	}

	if (interpreter.major === 2) {
		return isSemaphoreWait(wait) ? 'candidate' : undefined;
	}

	return isGilWait(interpreter, wait, switchIntervalMilliseconds) ? 'gil' : undefined;
};

/**
Of Python 2's candidates the semaphore that most threads wait for, two at least. It is likely the GIL when these threads also switch
and use CPU; threads that all sleep on one idle lock look the same otherwise.
*/
export const sharedSemaphore = (
	candidates: readonly {readonly tid: number; readonly address: number}[],
): {address: number; tids: readonly number[]} | undefined => {
	const tidsByAddress = new Map<number, Set<number>>();

	for (const {tid, address} of candidates) {
		const key = futexKey(address);
		const tids = tidsByAddress.get(key) ?? new Set();
		tidsByAddress.set(key, tids.add(tid));
	}

	let most: {address: number; tids: readonly number[]} | undefined;

	for (const [address, tids] of tidsByAddress) {
		if (tids.size >= 2 && tids.size > (most?.tids.length ?? 0)) {
			most = {address, tids: [...tids]};
		}
	}

	return most;
};
