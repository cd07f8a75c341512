import {javaWait, withJavaLocks} from '../locks/java-locks.js';
import type {ProcessEntry, ThreadEntry} from '../sampler/task-entry.js';
import type {JavaWant, JvmTally} from './jvm-tally.js';

const setWait = (entry: ThreadEntry, want: JavaWant): void => {
	if (entry.wait && entry.wait.lockId !== want.id && entry.wait.call === 'futex') {
		entry.wait = javaWait(want.id, want.kind);
		entry.dirty = true;
	}
};

const setWaits = (
	entry: ThreadEntry,
	counts: ReadonlyMap<string, number>,
	{locks: tallies, looks}: JvmTally,
): void => {
	const isSet = entry.waits?.some(
		({lockId, futexAddress}) => lockId !== undefined && futexAddress === undefined,
	);
	if (entry.waits && !isSet) {
		const locks = [...counts].map(([id, count]) => ({
			id,
			kind: tallies.get(id)!.kind,
			percent: (count / looks) * 100,
		}));
		entry.waits = withJavaLocks(entry.waits, locks);
		entry.dirty = true;
	}
};

/** Writes into the waits of a JVM's threads which locks they wanted, at the last look and over the interval. */
export const linkJavaWaits = (
	process: ProcessEntry,
	wants: readonly JavaWant[],
	tally: JvmTally,
): void => {
	for (const want of wants) {
		const entry = process.threads.get(want.tid);
		if (entry) {
			setWait(entry, want);
		}
	}

	for (const [tid, counts] of tally.threads) {
		const entry = process.threads.get(tid);
		if (entry) {
			setWaits(entry, counts, tally);
		}
	}
};
