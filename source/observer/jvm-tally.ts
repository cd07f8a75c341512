import {type JavaLockTally, lockOfClass} from '../locks/java-locks.js';
import type {JavaThread, Jvm, MonitorOwner, ParkBlocker} from '../runtimes/jvm/jvm.js';
import type {HolderDoing} from './holder-doing.js';

/** A lock of the JVM that a thread wants at the moment; threads by our ids. */
export type JavaWant = {
	tid: number;
	id: string;
	kind: JavaLockTally['kind'];
	variant?: string;
	name: string;
	holderTid?: number;
	holderNote?: string;
	/** The same text as long as the thread stands at the same place and wants the same lock. */
	mark: string;
};

export type TidOf = (ownTid: number) => number | undefined;

/** Of the classes that can have an owner those that are locks, also while nobody has them. */
const locks = /\.Reentrant(?:ReadWrite)?Lock\$/;

/** Counts permits: whoever waits for one may wait for a lock or for work. */
const semaphore = /\.Semaphore\$/;

/** Keeps no owner, and is nothing but a lock. */
const ownerless = 'java.util.concurrent.locks.StampedLock';

const isLock = ({isOwnable, owner, className}: ParkBlocker): boolean =>
	className === ownerless ||
	semaphore.test(className) ||
	(isOwnable && (owner !== undefined || locks.test(className)));

const noteOf = (owner: MonitorOwner): string | undefined => {
	if (owner.state === 'held') {
		return undefined;
	}

	return owner.state === 'free' ? 'free at the moment of reading' : owner.why;
};

const noteWithoutOwner = ({className}: ParkBlocker, kind: JavaWant['kind']): string => {
	if (className === ownerless || kind === 'semaphore') {
		return 'owner not recorded by this kind of lock';
	}

	return kind === 'rwlock'
		? 'held by readers, which it does not record, or free at the moment of reading'
		: 'free at the moment of reading';
};

/** Finds out what threads of one JVM want; made anew for each look, as what monitors are called and who has them is asked once in it. */
export const createWantReader = (jvm: Jvm, tidOf: TidOf) => {
	const monitors = new Map<number, Omit<JavaWant, 'tid' | 'mark'> | undefined>();

	const holderOf = (thread: JavaThread | undefined): {holderTid?: number} => {
		const holderTid = thread && tidOf(thread.ownTid);
		return holderTid === undefined ? {} : {holderTid};
	};

	const monitorAt = (address: number): Omit<JavaWant, 'tid' | 'mark'> | undefined => {
		if (!monitors.has(address)) {
			const name = jvm.monitorName(address);
			const owner = jvm.ownerOf(address);
			const holderNote = noteOf(owner);
			monitors.set(
				address,
				name === undefined
					? undefined
					: {
							id: `monitor:0x${address.toString(16)}`,
							kind: 'monitor',
							name,
							...holderOf(owner.state === 'held' ? owner.thread : undefined),
							...(holderNote !== undefined && {holderNote}),
						},
			);
		}

		return monitors.get(address);
	};

	const blockedAt = (thread: JavaThread): Omit<JavaWant, 'tid' | 'mark'> | undefined => {
		const blocker = jvm.blockerOf(thread);
		if (!blocker || !isLock(blocker)) {
			return undefined;
		}

		const lock = lockOfClass(blocker.className);
		return {
			id: `java:0x${blocker.object.toString(16)}`,
			...lock,
			...(blocker.owner
				? holderOf(blocker.owner)
				: {holderNote: noteWithoutOwner(blocker, lock.kind)}),
		};
	};

	/** Undefined when it wants none, or has ended. */
	return (thread: JavaThread): JavaWant | undefined => {
		const {pending, waiting} = jvm.waitOf(thread);
		const lock =
			pending === 0 ? (waiting === 0 ? blockedAt(thread) : undefined) : monitorAt(pending);
		const tid = lock && tidOf(thread.ownTid);
		return lock && tid !== undefined
			? {...lock, tid, mark: `${tid}:${lock.id}:${jvm.javaStackPointer(thread).toString(16)}`}
			: undefined;
	};
};

/** What was seen of one JVM's locks since the last tick. */
export type JvmTally = {
	looks: number;
	locks: Map<string, JavaLockTally>;
	/** How often each thread that wanted a lock was seen to want which. */
	threads: Map<number, Map<string, number>>;
};

export const createJvmTally = (): JvmTally => ({looks: 0, locks: new Map(), threads: new Map()});

const increment = <Key>(counts: Map<Key, number>, key: Key): void => {
	counts.set(key, (counts.get(key) ?? 0) + 1);
};

const tallyOf = (tally: JvmTally, want: JavaWant): JavaLockTally => {
	const known = tally.locks.get(want.id);
	if (known) {
		return known;
	}

	const {id, kind, variant, name} = want;
	const lock: JavaLockTally = {
		id,
		kind,
		...(variant !== undefined && {variant}),
		name,
		looks: 0,
		lastLook: 0,
		waiters: new Map(),
		holders: new Map(),
		doing: new Map(),
		holderTid: undefined,
		holderNote: undefined,
	};
	tally.locks.set(id, lock);
	return lock;
};

/** Counts what one look saw; what a lock's holder did is asked once in it. */
export const countWants = (
	tally: JvmTally,
	wants: readonly JavaWant[],
	pid: number,
	whatItDoes: HolderDoing,
): void => {
	tally.looks++;
	for (const want of wants) {
		const lock = tallyOf(tally, want);
		increment(lock.waiters, want.tid);
		const ofThread = tally.threads.get(want.tid) ?? new Map<string, number>();
		tally.threads.set(want.tid, ofThread);
		increment(ofThread, want.id);
		if (lock.lastLook === tally.looks) {
			continue;
		}

		lock.lastLook = tally.looks;
		lock.looks++;
		lock.holderTid = want.holderTid;
		lock.holderNote = want.holderNote;
		if (want.holderTid !== undefined) {
			increment(lock.holders, want.holderTid);
			const doing = whatItDoes({tid: want.holderTid, pid});
			if (doing !== undefined) {
				increment(lock.doing, doing);
			}
		}
	}
};
