import type {ThreadPool} from '../model/process.js';
import type {PoolLook, PoolQueue} from '../runtimes/node/thread-pool.js';

/** Looks at one pool of threads during an interval. */
export type PoolTally = {
	count(look: PoolLook): void;
	/** What the interval saw, with the last look's queue; begins a new one. Undefined where there was no look. */
	take(queue: PoolQueue | undefined): ThreadPool | undefined;
};

export const createPoolTally = (): PoolTally => {
	let looks = 0;
	let busy = 0;
	let lookups = 0;
	let queued = 0;
	let threadCount = 0;

	return {
		count(look) {
			looks++;
			busy += look.busyThreads;
			lookups += look.lookupThreads;
			queued += look.isQueued ? 1 : 0;
			threadCount = look.threadCount;
		},
		take(queue) {
			const pool = looks > 0 && {
				threadCount,
				busyThreads: busy / looks,
				lookupThreads: lookups / looks,
				queuedPercent: (queued / looks) * 100,
				...(queue && {queuedJobs: queue.jobs, queuedLookups: queue.lookups}),
				...(queue?.isCut && {queueIsLonger: true as const}),
			};
			looks = 0;
			busy = 0;
			lookups = 0;
			queued = 0;
			return pool || undefined;
		},
	};
};
