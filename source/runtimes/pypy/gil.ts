import type {Wait} from '../../model/wait.js';

/** Why nobody is told to hold it: `rpy_fastgil` says that somebody has it, and lies nowhere that a stripped library tells. */
export const holderNote = "not seen from outside: PyPy's library does not tell";

const image = /^(?:libpypy|pypy)\d?/;

/**
Whether it's a wait for PyPy's lock. Of all who want it one waits for it by the tenth of a millisecond, at a condition variable, and the
others queue up for that one's place, at a mutex (rpython/translator/c/src/thread_gil.c). Both lie inside PyPy's image, where nothing
else that threads wait on does: its Lock and its other locks are on the heap. So the mutex's owner is not who holds the GIL.
*/
export const isPypyGilWait = ({kind, region}: Wait): boolean =>
	(kind === 'futex' || kind === 'lock') && region !== undefined && image.test(region);
