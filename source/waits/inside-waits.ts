import type {Wait, WaitKind} from '../model/wait.js';

/** Calls that wait on one descriptor, whatever it is of. */
const transfers: ReadonlySet<string | undefined> = new Set(['read', 'write', 'readv', 'writev']);

/** Kinds that have a time limit or say that they have none. */
const limitedKinds: ReadonlySet<WaitKind> = new Set(['futex', 'lock', 'epoll', 'poll']);

/** A wait for completions, which come from a disk or a network; and one for several words, of which only the first one is told. */
const unclearCalls: ReadonlySet<string | undefined> = new Set([
	'io_uring_enter',
	'io_getevents',
	'io_pgetevents',
	'futex_waitv',
]);

/**
Whether another thread, of this process or of a relative, may be the only one that can end a wait: it has no time limit, and is not for a
signal, a terminal, a disk or the network. What its descriptors lead to must be looked at.
*/
export const mayEndInsideOnly = ({kind, call, timed, fd}: Wait): boolean => {
	if (kind === 'join') {
		return true;
	}

	if (limitedKinds.has(kind)) {
		return timed === false && !unclearCalls.has(call);
	}

	return kind === 'child'
		? call === 'wait4' || call === 'waitid'
		: (kind === 'pipe' || kind === 'other') && fd !== undefined && transfers.has(call);
};
