import type {Lock} from '../model/lock.js';
import type {Wait, WaitShare} from '../model/wait.js';

/** What was seen of one lock of the JVM over an interval; threads by our ids. */
export type JavaLockTally = {
	id: string;
	kind: 'monitor' | 'mutex' | 'rwlock' | 'semaphore';
	variant?: string;
	name: string;
	/** Looks at which somebody waited for it. */
	looks: number;
	lastLook: number;
	/** Looks at which each of its waiters was seen waiting. */
	waiters: Map<number, number>;
	holders: Map<number, number>;
	doing: Map<string, number>;
	/** As the last look saw it. */
	holderTid: number | undefined;
	holderNote: string | undefined;
};

const percents = <Key>(counts: ReadonlyMap<Key, number>, of: number) =>
	[...counts]
		.map(([key, count]) => ({key, percent: (count / of) * 100}))
		.sort((a, b) => b.percent - a.percent);

/** The lock as the model has it; `looks` is how often the process was looked at. */
export const describeJavaLock = (tally: JavaLockTally, looks: number): Lock => {
	const {id, kind, variant, name, waiters, holders, doing, holderTid, holderNote} = tally;
	const seen = [...waiters.values()].reduce((sum, count) => sum + count, 0);
	const held = [...holders.values()].reduce((sum, count) => sum + count, 0);
	return {
		id,
		kind,
		...(variant !== undefined && {variant}),
		name,
		...(holderTid !== undefined && {holderTid}),
		...(holderNote !== undefined && {holderNote}),
		...(held > 0 && {
			holders: percents(holders, tally.looks).map(({key, percent}) => ({tid: key, percent})),
			heldWhile: percents(doing, held).map(({key, percent}) => ({what: key, percent})),
		}),
		waiterTids: percents(waiters, looks).map(({key}) => key),
		waitersAverage: seen / looks,
		contendedPercent: Math.min(100, (tally.looks / looks) * 100),
		confidence: 'certain',
	};
};

const kindOfClass = (outer: string): JavaLockTally['kind'] => {
	if (outer === 'Semaphore') {
		return 'semaphore';
	}

	return /ReadWriteLock|StampedLock$/.test(outer) ? 'rwlock' : 'mutex';
};

/** What a class of java.util.concurrent is called by programmers: `ReentrantLock` for `…ReentrantLock$NonfairSync`. */
export const lockOfClass = (
	className: string,
): Pick<JavaLockTally, 'kind' | 'variant' | 'name'> => {
	const [, outer = className, inner = ''] = /([^.$]+)\$(\w*Sync)$/.exec(className) ?? [];
	return {
		kind: kindOfClass(outer),
		...(inner === 'FairSync' && {variant: 'fair'}),
		name: outer.replace(/^java\.util\.concurrent\.locks\./, ''),
	};
};

/** A wait for one of the JVM's locks. A semaphore may be an idle pool's: that it is used as a lock is for others to say. */
export const javaWait = (id: string, kind: JavaLockTally['kind']): Wait => ({
	kind: kind === 'semaphore' ? 'futex' : 'lock',
	call: 'futex',
	timed: false,
	lockId: id,
});

const isParked = ({kind, futexAddress}: WaitShare): boolean =>
	(kind === 'futex' || kind === 'lock') && futexAddress !== undefined;

/**
A thread's waits with those for locks of the JVM told from its other futex waits: the JVM wakes each thread by a word of its own, which
tells nothing. `locks` are the shares of looks at which it wanted each.
*/
export const withJavaLocks = (
	waits: readonly WaitShare[],
	locks: readonly {id: string; kind: JavaLockTally['kind']; percent: number}[],
): readonly WaitShare[] => {
	let left = locks.reduce((sum, {percent}) => sum + percent, 0);
	const others: WaitShare[] = [];
	let taken = 0;
	for (const share of waits) {
		const part = isParked(share) ? Math.min(left, share.percent) : 0;
		left -= part;
		taken += part;
		if (share.percent - part > 0.01) {
			others.push({...share, percent: share.percent - part});
		}
	}

	const wanted = locks.reduce((sum, {percent}) => sum + percent, 0);
	const found = locks.map(
		({id, kind, percent}): WaitShare => ({
			...javaWait(id, kind),
			percent: (percent / wanted) * taken,
		}),
	);
	return taken > 0 ? [...found, ...others].sort((a, b) => b.percent - a.percent) : waits;
};
