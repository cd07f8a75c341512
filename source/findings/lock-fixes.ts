import {countText} from '../model/count-text.js';
import type {Fix} from '../model/finding.js';
import {foughtLock, type LockFight} from './lock-fight-parts.js';
import {plural} from './words.js';

const isMalloc = (fight: LockFight): boolean => {
	const lock = foughtLock(fight);
	return lock ? lock.kind === 'arena' : /^libc[.-]/.test(fight.place?.wait.region ?? '');
};

/** What to do about fights for locks, with this program's own numbers; the first one is the worst. */
export const lockFixesOf = (fights: readonly LockFight[], cpus: number): Fix[] => {
	const [worst] = fights;
	const {shape, process} = worst!;
	const threads = worst!.tids.length;
	const fixes: Fix[] = [];
	if (isMalloc(worst!)) {
		fixes.push({
			what: "If it's malloc: an allocator with a cache for each thread, or more arenas",
			why: `${plural(threads, 'thread')} share the C library's arenas, each with one lock`,
			command: `MALLOC_ARENA_MAX=${Math.max(8 * cpus, threads)}  # or LD_PRELOAD=libjemalloc.so.2`,
		});
	}

	if (shape === 'asleep') {
		fixes.push({
			what: 'Let go of the lock before the call that sleeps: take what is needed, unlock, then wait or write',
			why: 'the lock is held while its holder sleeps, so no CPU works and everybody else waits for it',
		});
	} else {
		fixes.push({
			what: 'Do less under the lock, and take it less often: batch, copy out, compute outside',
			why: 'each hand-over costs two switches; what is done under the lock is done by one thread at a time',
		});
	}

	fixes.push(
		{
			what: 'Split the lock: one for each shard of the data, a counter for each thread, read-mostly data copied on write',
			why: 'threads that work on different things then do not meet',
		},
		{
			what: `Fewer threads for this work: ${plural(Math.min(threads, cpus), 'thread')} instead of ${countText(threads)}`,
			why: `${plural(cpus, 'CPU')} and one lock: further threads add hand-overs, no speed`,
		},
	);
	if (process.runtime?.name === 'jvm') {
		fixes.push({
			what: 'Java: LongAdder, ConcurrentHashMap or StampedLock instead of synchronized, no fair locks',
			why: 'a fair lock hands over to a sleeping thread each time',
			command: 'new ReentrantLock(false)',
		});
	}

	return fixes;
};
