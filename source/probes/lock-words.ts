import {futexLockId} from '../locks/futex-locks.js';
import type {Lock} from '../model/lock.js';
import type {Wait} from '../model/wait.js';
import {waitName} from '../model/wait-name.js';
import type {Seen} from './thread-tally.js';

/** The locks of a profile by the places where threads wait for them. */
export type LockOf = (place: Pick<Seen, 'futexKey'>) => Lock | undefined;

export const lockLookup = (locks: readonly Lock[]): LockOf => {
	const byId = new Map(locks.map(lock => [lock.id, lock]));
	// Asked for each place of each thread, again and again.
	const known = new Map<number, Lock | undefined>();
	return ({futexKey}) => {
		if (futexKey === 0) {
			return undefined;
		}

		if (!known.has(futexKey)) {
			known.set(futexKey, byId.get(futexLockId(futexKey)));
		}

		return known.get(futexKey);
	};
};

/** How a lock is called in a line: `GIL`, `mutex app!queue_lock`. */
export const lockTitle = ({kind, name, wantedIn}: Lock): string => {
	if (kind === 'gil') {
		return 'GIL';
	}

	// The heap's addresses say nothing: the function that wants the lock does.
	return name.startsWith('[heap]') || name.startsWith('anonymous')
		? `${kind}${wantedIn === undefined ? ` ${name}` : ` wanted in ${wantedIn}`}`
		: `${kind} ${name}`;
};

const limitText = (milliseconds: number): string =>
	milliseconds >= 1000
		? `${Number((milliseconds / 1000).toPrecision(3))} s`
		: `${Number(milliseconds.toPrecision(3))} ms`;

/** What a thread waits for, as one word and what is known beside it: `poll 50 ms`, `mutex app!queue_lock`, `read pipe`. */
export const waitTitle = (wait: Wait, lock: Lock | undefined): string => {
	if (lock) {
		return lockTitle(lock);
	}

	const {kind, call, timed, timeoutMilliseconds, region} = wait;
	const name = waitName(wait);
	const limit =
		timed && timeoutMilliseconds !== undefined ? ` ${limitText(timeoutMilliseconds)}` : '';
	const what = call !== undefined && !call.includes(kind) && kind !== 'other' ? ` (${kind})` : '';
	return name === 'futex'
		? `futex${region === undefined ? '' : ` in ${region}`}${limit}`
		: `${name}${what}${limit}`;
};

/** Whether a thread waits because another one has something: a lock, not a condition that may last for ever. */
export const isLockWait = ({wait}: Seen, lock: Lock | undefined): boolean =>
	wait.kind === 'lock' ||
	(lock !== undefined &&
		!['condition', 'semaphore', 'park', 'futex', 'barrier'].includes(lock.kind));
