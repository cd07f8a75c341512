import type {Lock} from '../model/lock.js';
import type {Wait} from '../model/wait.js';
import type {WordWait} from './lock-facts.js';

/** One thread's share of time at one futex word. */
export type FutexWaiter = {tid: number; wait: Wait; percent: number};

/** All that was seen of one futex word of a process during an interval. */
export type FutexUse = {
	/** Word's address; the two words of a condition variable count as one. */
	address: number;
	waiters: readonly FutexWaiter[];
	/** Share of the looks at which somebody waited there. */
	contendedPercent: number;
};

/** What was found out about a lock, apart from who waits for it. */
export type LockDetails = Omit<Lock, 'id' | 'waiterTids' | 'waitersAverage' | 'contendedPercent'>;

export const futexLockId = (address: number): string => `futex:0x${address.toString(16)}`;

/** Kinds that a thread waits for because another thread has it; a single waiter makes them worth naming. */
const exclusiveKinds: ReadonlySet<string> = new Set([
	'mutex',
	'rwlock',
	'once',
	'stdio',
	'loader',
	'arena',
	'lock',
	'monitor',
]);

/** Whether threads wait for it because another one has it. */
export const isExclusive = (kind: string): boolean => exclusiveKinds.has(kind);

/** Whether a word is one to name: a lock, or something else that several threads wait for. */
export const isWorthNaming = ({waiters}: FutexUse, kind: string): boolean =>
	waiters.length > 1 || isExclusive(kind);

/** The lock as the model has it: who waited on the word, and what was found out about it. */
export const describeLock = (
	{address, waiters, contendedPercent}: FutexUse,
	details: LockDetails,
): Lock => ({
	id: futexLockId(address),
	...details,
	waiterTids: waiters.map(({tid}) => tid),
	waitersAverage: waiters.reduce((sum, {percent}) => sum + percent, 0) / 100,
	contendedPercent,
});

const asWordWait = ({wait}: FutexWaiter, address: number): WordWait => ({
	address: wait.futexAddress === undefined ? address : Number(wait.futexAddress),
	operation: wait.futexOperation ?? '',
	value: wait.futexValue,
	timed: wait.timed ?? false,
	isPrivate: wait.futexShared !== true,
	realtime: wait.futexRealtime === true,
});

const isSameWay = (a: WordWait, b: WordWait): boolean =>
	a.address === b.address && a.operation === b.operation && a.value === b.value;

/** The different ways in which threads wait on a word: most wait in the same one. */
export const wordWaits = ({address, waiters}: FutexUse): readonly WordWait[] => {
	const different: WordWait[] = [];
	for (const waiter of waiters) {
		const each = asWordWait(waiter, address);
		if (!different.some(known => isSameWay(known, each))) {
			different.push(each);
		}
	}

	return different;
};
