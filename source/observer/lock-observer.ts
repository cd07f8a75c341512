import {
	describeLock,
	type FutexUse,
	isExclusive,
	isWorthNaming,
	type LockDetails,
	wordWaits,
} from '../locks/futex-locks.js';
import {withStack} from '../locks/lock-by-stack.js';
import type {WordWait} from '../locks/lock-facts.js';
import {isBareAddress} from '../locks/lock-name.js';
import {kindUnknown, ownerNote, readOwner} from '../locks/owner.js';
import {kindByStack} from '../locks/stack-evidence.js';
import type {Lock} from '../model/lock.js';
import type {Wait} from '../model/wait.js';
import type {ProcessEntry, ThreadEntry} from '../sampler/task-entry.js';
import type {AddressSpaces} from './address-spaces.js';
import {createHolderDoing} from './holder-doing.js';
import {createLockClassifier} from './lock-classifier.js';
import type {LockNames} from './lock-names.js';
import {countLook, type Holder, type LockWord, type OwnerSeen, takeHolders} from './lock-word.js';
import type {MemberNames} from './member-names.js';
import type {OwnThreadIds} from './own-thread-ids.js';
import type {WaitReader} from './wait-reader.js';
import {createWordTable, isUndecided, mayBeDecided} from './word-table.js';
import type {WorkBudget} from './work-budget.js';

/** Tells of futex words what locks they are, what these are called and who holds them. */
export type LockObserver = {
	/** Locks of a process by how its threads waited in the interval; busiest first. */
	locksOf(process: ProcessEntry, uses: readonly FutexUse[]): readonly Lock[];
	/** A quick look at who holds the locks that were waited for in the last interval. */
	look(): void;
	/** Begins a new interval. */
	beginTick(): void;
	/** Who holds the lock that a word belongs to, at this moment; undefined when nobody does or it isn't known. */
	holderOf(process: ProcessEntry, address: number): {holder: Holder; word: LockWord} | undefined;
	/** Whether the lock that a word belongs to records who holds it. */
	recordsHolder(process: ProcessEntry, address: number): boolean;
};

export type LockObserverOptions = {
	architecture: string;
	spaces: AddressSpaces;
	names: LockNames;
	members: MemberNames;
	waits: WaitReader;
	ids: OwnThreadIds;
	threads: ReadonlyMap<number, ThreadEntry>;
	/** Time for words that weren't seen before; the others' turn is in a later tick. */
	budget: WorkBudget;
	/** To be told of a process whose words weren't all looked at. */
	postpone(process: ProcessEntry): void;
};

/** Where glibc's `struct pthread` (nptl/descr.h) keeps `tid`, by Node's name of the architecture. */
const pthreadTidOffsets: Readonly<Record<string, number>> = {
	x64: 720,
	x86_64: 720,
	arm64: 208,
	aarch64: 208,
};

const millisecondsPerLook = 1;
const wordsWatched = 128;

const isLikelyLock = ({waiters}: FutexUse): boolean =>
	waiters.length > 1 || waiters.some(({wait}) => wait.kind === 'lock');

const likelyLocksFirst = (uses: readonly FutexUse[]): readonly FutexUse[] =>
	[...uses].sort((a, b) => Number(isLikelyLock(b)) - Number(isLikelyLock(a)));

/** Its writers sleep at a counter, by a call that no other library makes: memory tells whether it is one. */
const mayBeRwlockOfRust = ({futexOperation, futexRealtime}: Wait): boolean =>
	futexOperation === 'WAIT_BITSET' && futexRealtime !== true;

/**
One thread at a word of its own that it expects to be zero: a condition, a semaphore or where it is parked. No lock is waited for while
its word says that it is free, so who waits with it would be all that could be told. In shared memory others may wait there too.
*/
const isLonely = ({waiters: [waiter, other]}: FutexUse): boolean =>
	other === undefined &&
	waiter?.wait.futexValue === 0 &&
	waiter.wait.futexShared !== true &&
	!mayBeRwlockOfRust(waiter.wait) &&
	waiter.wait.futexOperation?.startsWith('WAIT') === true;

export const createLockObserver = ({
	architecture,
	spaces,
	names,
	members,
	waits,
	ids,
	threads,
	budget,
	postpone,
}: LockObserverOptions): LockObserver => {
	const pthreadTidOffset = pthreadTidOffsets[architecture];
	let watched: {word: LockWord; waits: readonly WordWait[]; waiters: number}[] = [];
	let next = 0;

	const {classify, findHolder} = createLockClassifier({
		pthreadTidOffset,
		spaces,
		names,
		ids,
		threads,
	});

	const words = createWordTable({classify, names, budget});

	const seeOwner = ({process, facts, sharedId}: LockWord): OwnerSeen => {
		const owner = readOwner(facts, spaces.of(process).memory.read, pthreadTidOffset ?? 0);
		const holder = owner?.state === 'held' ? findHolder(process, owner.tid, sharedId) : undefined;
		return {owner, holder};
	};

	/** What it is called; of locks on the heap, where only others wait for their holder, as a part of its object. */
	const callWord = (word: LockWord): string => {
		const {process, facts} = word;
		const name = word.name ?? names.roughNameOf(process, facts.base);
		if (word.member === undefined && isExclusive(facts.kind)) {
			word.member = isBareAddress(name) ? members.nameOf(process, facts.base) : null;
		}

		return word.member ?? name;
	};

	const details = (word: LockWord): LockDetails => {
		const {facts, sharedId, process} = word;
		const {owner, holder} = seeOwner(word);
		const note = isUndecided(facts) ? kindUnknown : owner && ownerNote(owner);
		return {
			kind: facts.kind,
			...(facts.variant !== undefined && {variant: facts.variant}),
			name: callWord(word),
			...(sharedId !== undefined && {sharedId}),
			...(owner === null && {holderTid: null}),
			...(holder && {holderTid: holder.tid}),
			...(holder && holder.pid !== process.pid && {holderPid: holder.pid}),
			...(note && {holderNote: note}),
			...takeHolders(word),
			confidence: facts.confidence,
		};
	};

	const whatItDoes = createHolderDoing({threads, waits, architecture});

	const lookAt = ({word, waits: ways, waiters}: (typeof watched)[number]): void => {
		if (word.process.threads.size === 0) {
			return;
		}

		words.decide(word, ways, waiters);
		if (word.facts.owner !== 'none') {
			const {holder} = seeOwner(word);
			countLook(word, holder, holder && whatItDoes(holder));
		}
	};

	/** The first one that was read of its waiters: crowds at one word mostly came the same way. */
	const stackOf = ({waiters}: FutexUse): readonly string[] | undefined => {
		for (const {tid} of waiters) {
			const stack = threads.get(tid)?.stack;
			if (stack) {
				return stack;
			}
		}

		return undefined;
	};

	/** Undefined where nobody needs to know, or where there's no time in this tick. */
	const lockAt = (process: ProcessEntry, use: FutexUse): Lock | undefined => {
		const isJoin = use.waiters.every(({wait}) => wait.kind === 'join');
		const stack = stackOf(use) ?? words.known(process, use.address)?.stack;
		const kind = stack && kindByStack(stack);
		if (isJoin || (isLonely(use) && kind === undefined)) {
			return undefined;
		}

		const ways = wordWaits(use);
		const word = words.at(process, use, ways);
		if (!word) {
			postpone(process);
			return undefined;
		}

		// A semaphore that threads fight for shows what it is only while nobody can have it.
		if (word.facts.owner !== 'none' || (isLikelyLock(use) && mayBeDecided(word))) {
			watched.push({word, waits: ways, waiters: use.waiters.length});
		}

		word.stack = stack;
		const {facts, sharedId} = word;
		const surest = facts.confidence === 'certain' ? facts.kind : (kind ?? facts.kind);
		return isWorthNaming(use, surest) || (sharedId !== undefined && surest === 'semaphore')
			? withStack(describeLock(use, details(word)), stack)
			: undefined;
	};

	return {
		beginTick() {
			words.beginTick();
			watched = [];
			next = 0;
		},
		locksOf(process, uses) {
			const locks = likelyLocksFirst(uses).flatMap(use => lockAt(process, use) ?? []);
			words.forgetOld(process);
			return locks.sort((a, b) => b.waitersAverage - a.waitersAverage);
		},
		look() {
			const startedAt = performance.now();
			const count = Math.min(watched.length, wordsWatched);
			for (let index = 0; index < count; index++) {
				lookAt(watched[next]!);
				next = (next + 1) % watched.length;
				if (performance.now() - startedAt > millisecondsPerLook) {
					return;
				}
			}
		},
		recordsHolder(process, address) {
			return (words.known(process, address)?.facts.owner ?? 'none') !== 'none';
		},
		holderOf(process, address) {
			const word = words.known(process, address);
			if (!word || word.facts.owner === 'none') {
				return undefined;
			}

			const {holder} = seeOwner(word);
			return holder && {holder, word};
		},
	};
};
