import type {Lock} from '../model/lock.js';
import type {Wait} from '../model/wait.js';

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

export const futexLockId = (address: number): string => `futex:0x${address.toString(16)}`;

/** What waits on a word prove about it. */
const kindOf = (waiters: readonly FutexWaiter[]): string => {
	const kinds = new Set(waiters.map(({wait}) => wait.kind));
	return kinds.size === 1 && kinds.has('lock') ? 'lock' : 'futex';
};

/** Futex words that several threads wait on, or that the system call's arguments prove to be a lock; busiest first. */
export const futexLocks = (uses: readonly FutexUse[]): readonly Lock[] =>
	uses
		.filter(({waiters}) => waiters.length > 1 || kindOf(waiters) === 'lock')
		.map(({address, waiters, contendedPercent}): Lock => {
			const region = waiters.find(({wait}) => wait.region !== undefined)?.wait.region;
			const kind = kindOf(waiters);
			return {
				id: futexLockId(address),
				kind,
				name:
					region === undefined
						? `0x${address.toString(16)}`
						: `${region} 0x${address.toString(16)}`,
				waiterTids: waiters.map(({tid}) => tid),
				waitersAverage: waiters.reduce((sum, {percent}) => sum + percent, 0) / 100,
				contendedPercent,
				confidence: kind === 'lock' ? 'certain' : 'likely',
			};
		})
		.sort((a, b) => b.waitersAverage - a.waitersAverage);
