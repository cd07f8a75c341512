import {type FutexUse, futexLockId} from '../locks/futex-locks.js';
import type {Gil} from '../model/process.js';
import {holderNote, isPypyGilWait} from '../runtimes/pypy/gil.js';

/** PyPy's GIL as it was during the interval that the uses are of, and the words that threads wait for it on. */
export type PypyGil = {gil: Gil; words: ReadonlySet<number>};

/** Undefined where nobody was seen to wait for it. */
export const findPypyGil = (uses: readonly FutexUse[]): PypyGil | undefined => {
	const words = uses
		.map(use => ({...use, waiters: use.waiters.filter(({wait}) => isPypyGilWait(wait))}))
		.filter(({waiters}) => waiters.length > 0);
	const waiters = words.flatMap(use => use.waiters);
	// Those who queue up are the more the longer the queue is; of two threads one only ever waits at its head.
	const [crowd] = words.toSorted((one, other) => other.waiters.length - one.waiters.length);
	return (
		crowd && {
			gil: {
				waiters: waiters.reduce((sum, {percent}) => sum + percent, 0) / 100,
				waiterTids: [...new Set(waiters.map(({tid}) => tid))],
				lockId: futexLockId(crowd.address),
				holderNote,
				region: waiters[0]!.wait.region!,
			},
			words: new Set(words.map(({address}) => address)),
		}
	);
};
