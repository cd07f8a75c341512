import type {LockFacts} from '../locks/lock-facts.js';
import type {Owner} from '../locks/owner.js';
import type {HeldWhile, HolderShare} from '../model/lock.js';
import type {Reading} from '../model/reading.js';
import type {ProcessEntry} from '../sampler/task-entry.js';

/** A thread that holds a lock, in our ids. */
export type Holder = {tid: number; pid: number};

/** What is remembered of a futex word from tick to tick, and what the looks of the interval saw of it. */
export type LockWord = {
	readonly process: ProcessEntry;
	readonly generation: number;
	readonly address: number;
	facts: LockFacts;
	/** Undefined until there was time to find it out. */
	name: string | undefined;
	/** What object it is a part of; null: none that tells. Undefined until it was found out. */
	member: string | null | undefined;
	sharedId: string | undefined;
	/** The last one that was read of a waiter: not each tick has time for one. */
	stack: readonly string[] | undefined;
	classifiedAt: number;
	attempts: number;
	seenInTick: number;
	looks: number;
	holders: Map<number, {holder: Holder; count: number}>;
	doing: Map<string, number>;
};

const shares = <Key>(counts: Iterable<readonly [Key, number]>, looks: number) =>
	[...counts]
		.map(([key, count]) => ({key, percent: (count / looks) * 100}))
		.sort((a, b) => b.percent - a.percent);

/** Who held the lock and what holders did, over the looks since the last call; begins anew. */
export const takeHolders = (
	word: LockWord,
): {holders?: readonly HolderShare[]; heldWhile?: readonly HeldWhile[]} => {
	const {looks, holders, doing, process} = word;
	const held = [...holders.values()].reduce((sum, {count}) => sum + count, 0);
	word.looks = 0;
	word.holders = new Map();
	word.doing = new Map();
	if (held === 0) {
		return {};
	}

	const byHolder = shares(
		[...holders.values()].map(({holder, count}) => [holder, count] as const),
		looks,
	);
	return {
		holders: byHolder.map(({key: {tid, pid}, percent}) => ({
			tid,
			...(pid !== process.pid && {pid}),
			percent,
		})),
		heldWhile: shares(doing, held).map(({key, percent}) => ({what: key, percent})),
	};
};

/** Counts one look: who had it, and what that thread did. */
export const countLook = (
	word: LockWord,
	holder: Holder | undefined,
	doing: string | undefined,
): void => {
	word.looks++;
	if (!holder) {
		return;
	}

	const known = word.holders.get(holder.tid);
	word.holders.set(holder.tid, {holder, count: (known?.count ?? 0) + 1});
	if (doing !== undefined) {
		word.doing.set(doing, (word.doing.get(doing) ?? 0) + 1);
	}
};

/** What was read of a lock's owner, and the thread that it is in our ids. */
export type OwnerSeen = {owner: Reading<Owner>; holder: Holder | undefined};
