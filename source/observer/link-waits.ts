import {futexLockId} from '../locks/futex-locks.js';
import type {Wait} from '../model/wait.js';
import type {ProcessEntry} from '../sampler/task-entry.js';
import {futexKey} from '../waits/futex.js';

/** Writes into the waits of a process's threads which of its locks they are for; threads whose waits change by that are dirty. */
export const linkWaitsToLocks = (process: ProcessEntry): void => {
	const lockIds = new Set(process.locks?.map(({id}) => id));
	const idByAddress = new Map<string, string | undefined>();
	const lockIdOf = ({futexAddress, lockId}: Wait): string | undefined => {
		// A runtime's own lock, which has no word that all wait on.
		if (futexAddress === undefined) {
			return lockId;
		}

		if (!idByAddress.has(futexAddress)) {
			const id = futexLockId(futexKey(Number(futexAddress)));
			idByAddress.set(futexAddress, lockIds.has(id) ? id : undefined);
		}

		return idByAddress.get(futexAddress);
	};

	for (const entry of process.threads.values()) {
		const {wait, waits: shares} = entry;
		const lockId = wait ? lockIdOf(wait) : undefined;
		if (wait && wait.lockId !== lockId) {
			const {lockId: _, ...rest} = wait;
			entry.wait = lockId === undefined ? rest : {...rest, lockId};
			entry.dirty = true;
		}

		if (shares?.some(share => share.lockId !== lockIdOf(share))) {
			entry.waits = shares.map(({lockId: _, ...share}) => {
				const id = lockIdOf(share);
				return id === undefined ? share : {...share, lockId: id};
			});
			entry.dirty = true;
		}
	}
};
