import type {Process} from '../model/process.js';
import type {Thread} from '../model/thread.js';
import {pythonLockUse} from './python-lock-fight.js';
import {sharesOf, sum} from './thread-facts.js';
import {marks, threadsMarked, waitingIn} from './thread-marks.js';
import {isUntimedFutex, wordOf} from './wait-facts.js';

/** One thread at a plain lock of its own may sleep on purpose until another one releases it. */
const fewestAtPlainLocks = 2;

const reentrantFrame = /^rlock_acquire/;

/** Where the standard library itself sleeps at locks until something happens: Condition.wait, Thread.join, the queues of pools. */
const waitingLibrary =
	/\/(?:threading|queue|Queue|socketserver)\.py|\/(?:concurrent|multiprocessing|asyncio)\//;

/** In it, too, these functions take a lock: RLock.acquire of Python 2.7, Condition.__enter__. */
const acquiringFunction = /(?:^|\.)(?:acquire|__enter__) \(/;

/**
What the stacks of a thread that sleeps in CPython say it wants: an RLock, which conditions, queues and pools never sleep at; or a lock that
another line takes, which may be of the program or of a library, such as that of a logging handler.
*/
const wantedBy = ({stack, runtimeStack}: Thread): 'reentrant' | 'plain' | undefined => {
	if (stack === undefined || pythonLockUse(stack) !== 'program') {
		return undefined;
	}

	if (stack.some(frame => reentrantFrame.test(frame))) {
		return 'reentrant';
	}

	const line = runtimeStack?.[0];
	return line !== undefined && (!waitingLibrary.test(line) || acquiringFunction.test(line))
		? 'plain'
		: undefined;
};

const atFutexes = waitingIn('futex');

/** Futex words at which threads of a CPython process sleep that want a `threading.Lock` or `RLock`, as the stacks of some of them tell. */
export const stuckPythonWords = (process: Process): ReadonlySet<string> => {
	if (process.runtime?.name !== 'cpython' || !process.locks?.length) {
		return new Set();
	}

	const atWords = new Map<string, {kinds: Set<string>; threads: number}>();
	for (const thread of threadsMarked(process.threads, marks.still, atFutexes)) {
		const address = sharesOf(thread).find(isUntimedFutex)?.futexAddress;
		if (address !== undefined) {
			const word = wordOf(address);
			const known = atWords.get(word) ?? {kinds: new Set(), threads: 0};
			atWords.set(word, known);
			known.threads++;
			known.kinds.add(wantedBy(thread) ?? 'unknown');
		}
	}

	const plain = [...atWords.values()].filter(({kinds}) => kinds.has('plain'));
	const atPlainLocks = sum(plain, ({threads}) => threads);
	const isLock = ({kinds}: {kinds: ReadonlySet<string>}) =>
		kinds.has('reentrant') || (kinds.has('plain') && atPlainLocks >= fewestAtPlainLocks);
	return new Set([...atWords].filter(([, each]) => isLock(each)).map(([word]) => word));
};
