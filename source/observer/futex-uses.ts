import type {FutexUse, FutexWaiter} from '../locks/futex-locks.js';
import type {ProcessEntry} from '../sampler/task-entry.js';
import {futexKey} from '../waits/futex.js';
import type {FutexTally} from './wait-looks.js';

const keyOf = (address: string): number => futexKey(Number(address));

/**
Who waited on which futex word of a process: threads that ran, by their looks, and threads that slept there all the while, which
no look was spent on.
*/
export const futexUses = (
	process: ProcessEntry,
	looks: number,
	tallies: ReadonlyMap<number, FutexTally> | undefined,
): readonly FutexUse[] => {
	const waiters = new Map<number, FutexWaiter[]>();
	const asleep = new Set<number>();
	const add = (address: string, waiter: FutexWaiter): number => {
		const key = keyOf(address);
		const known = waiters.get(key);
		if (known) {
			known.push(waiter);
		} else {
			waiters.set(key, [waiter]);
		}

		return key;
	};

	for (const {tid, waits, wait, settled} of process.threads.values()) {
		if (waits) {
			for (const share of waits) {
				if (share.futexAddress !== undefined) {
					add(share.futexAddress, {tid, wait: share, percent: share.percent});
				}
			}
		} else if (settled && wait?.futexAddress !== undefined) {
			asleep.add(add(wait.futexAddress, {tid, wait, percent: 100}));
		}
	}

	return [...waiters].map(([address, each]) => {
		const seen = looks === 0 ? 0 : ((tallies?.get(address)?.looks ?? 0) / looks) * 100;
		return {
			address,
			waiters: each,
			contendedPercent: asleep.has(address) ? 100 : Math.min(100, seen),
		};
	});
};
