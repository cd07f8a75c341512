import {
	describeLock,
	type FutexUse,
	isExclusive,
	isWorthNaming,
	type LockDetails,
	wordWaits,
} from '../locks/futex-locks.js';
import type {LockFacts, WordWait} from '../locks/lock-facts.js';
import {isBareAddress, kindBySymbol} from '../locks/lock-name.js';
import {kindUnknown, ownerNote, readOwner} from '../locks/owner.js';
import {kindByStack} from '../locks/stack-evidence.js';
import type {Lock} from '../model/lock.js';
import type {ProcessEntry, ThreadEntry} from '../sampler/task-entry.js';
import type {AddressSpaces} from './address-spaces.js';
import {createHolderDoing} from './holder-doing.js';
import {createLockClassifier} from './lock-classifier.js';
import type {LockNames} from './lock-names.js';
import {countLook, type Holder, type LockWord, type OwnerSeen, takeHolders} from './lock-word.js';
import type {MemberNames} from './member-names.js';
import type {OwnThreadIds} from './own-thread-ids.js';
import type {WaitReader} from './wait-reader.js';
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
// Memory may be used for something else meanwhile.
const millisecondsUntilDoubt = 10_000;
// A mutex shows what it is only while somebody has it: it's tried again for a while.
const attemptsToClassify = 50;
const ticksToForget = 5;

const isLikelyLock = ({waiters}: FutexUse): boolean =>
	waiters.length > 1 || waiters.some(({wait}) => wait.kind === 'lock');

const likelyLocksFirst = (uses: readonly FutexUse[]): readonly FutexUse[] =>
	[...uses].sort((a, b) => Number(isLikelyLock(b)) - Number(isLikelyLock(a)));

/**
One thread at a word of its own that it expects to be zero: a condition, a semaphore or where it is parked. No lock is waited for while
its word says that it is free, so who waits with it would be all that could be told. Only a stack knows better: writers of Rust's RwLock sleep at a counter.
*/
const isLonely = ({waiters: [waiter, other]}: FutexUse): boolean =>
	other === undefined &&
	waiter?.wait.futexValue === 0 &&
	waiter.wait.futexOperation?.startsWith('WAIT') === true;

const isUndecided = ({kind}: LockFacts): boolean => kind === 'lock' || kind === 'futex';

const mayBeDecided = ({facts, attempts}: LockWord): boolean =>
	isUndecided(facts) && attempts < attemptsToClassify;

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
	const wordsOf = new WeakMap<ProcessEntry, Map<number, LockWord>>();
	const pthreadTidOffset = pthreadTidOffsets[architecture];
	let watched: {word: LockWord; waits: readonly WordWait[]; waiters: number}[] = [];
	let tick = 0;
	let next = 0;

	const {classify, findHolder} = createLockClassifier({
		pthreadTidOffset,
		spaces,
		names,
		ids,
		threads,
	});

	const nameWord = (word: LockWord): void => {
		if (word.name !== undefined) {
			return;
		}

		const {process, facts} = word;
		word.name = names.nameOf(process, facts.base);
		const symbol = word.name === undefined ? undefined : names.symbolKnown(process, facts.base);
		const kind = symbol === undefined ? undefined : kindBySymbol(symbol);
		if (kind !== undefined && (isUndecided(facts) || facts.kind === 'mutex')) {
			word.facts = {...facts, kind};
		}
	};

	/** What was found out by the facts before no longer holds. */
	const adopt = (word: LockWord, facts: LockFacts): void => {
		word.facts = facts;
		word.name = undefined;
		word.member = undefined;
		word.kindByStack = undefined;
	};

	const update = (word: LockWord, use: FutexUse, ways: readonly WordWait[]): void => {
		const {process} = word;
		const now = performance.now();
		if (now - word.classifiedAt > millisecondsUntilDoubt || mayBeDecided(word)) {
			const facts = classify(process, use.address, ways, use.waiters.length);
			word.attempts++;
			word.classifiedAt = now;
			if (facts.base !== word.facts.base || !isUndecided(facts)) {
				adopt(word, facts);
			}
		}

		nameWord(word);
	};

	/** Undefined when it's new and there is no time left for it. */
	const wordAt = (
		process: ProcessEntry,
		use: FutexUse,
		ways: readonly WordWait[],
	): LockWord | undefined => {
		const words = wordsOf.get(process) ?? new Map<number, LockWord>();
		wordsOf.set(process, words);
		const {address} = use;
		const known = words.get(address);
		if (known?.generation === process.generation) {
			known.seenInTick = tick;
			update(known, use, ways);
			return known;
		}

		if (!budget.mayBegin()) {
			return undefined;
		}

		const word: LockWord = {
			process,
			generation: process.generation,
			address,
			facts: budget.spend(() => classify(process, use.address, ways, use.waiters.length)),
			name: undefined,
			member: undefined,
			sharedId: names.sharedId(process, ways[0]),
			kindByStack: undefined,
			classifiedAt: performance.now(),
			attempts: 1,
			seenInTick: tick,
			looks: 0,
			holders: new Map(),
			doing: new Map(),
		};
		nameWord(word);
		words.set(address, word);
		return word;
	};

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

		if (mayBeDecided(word)) {
			const facts = classify(word.process, word.address, ways, waiters);
			word.attempts++;
			if (!isUndecided(facts)) {
				adopt(word, facts);
			}
		}

		if (word.facts.owner !== 'none') {
			const {holder} = seeOwner(word);
			countLook(word, holder, holder && whatItDoes(holder));
		}
	};

	/** By the stack of the first waiter whose one was read: crowds at one word mostly came the same way. */
	const kindOf = ({waiters}: FutexUse): string | undefined => {
		for (const {tid} of waiters) {
			const stack = threads.get(tid)?.stack;
			if (stack) {
				return kindByStack(stack);
			}
		}

		return undefined;
	};

	/** Undefined where nobody needs to know, or where there's no time in this tick. */
	const lockAt = (process: ProcessEntry, use: FutexUse): Lock | undefined => {
		const isJoin = use.waiters.every(({wait}) => wait.kind === 'join');
		if (isJoin || (isLonely(use) && kindOf(use) === undefined)) {
			return undefined;
		}

		const ways = wordWaits(use);
		const word = wordAt(process, use, ways);
		if (!word) {
			postpone(process);
			return undefined;
		}

		// A semaphore that threads fight for shows what it is only while nobody can have it.
		if (word.facts.owner !== 'none' || (isLikelyLock(use) && mayBeDecided(word))) {
			watched.push({word, waits: ways, waiters: use.waiters.length});
		}

		if (word.facts.confidence !== 'certain') {
			word.kindByStack = kindOf(use) ?? word.kindByStack;
		}

		const kind = word.kindByStack ?? word.facts.kind;
		return isWorthNaming(use, kind) ? describeLock(use, details(word)) : undefined;
	};

	const forgetOld = (process: ProcessEntry): void => {
		const words = wordsOf.get(process);
		for (const [address, word] of words ?? []) {
			if (tick - word.seenInTick > ticksToForget) {
				words!.delete(address);
			}
		}
	};

	return {
		beginTick() {
			tick++;
			watched = [];
			next = 0;
		},
		locksOf(process, uses) {
			const locks = likelyLocksFirst(uses).flatMap(use => lockAt(process, use) ?? []);
			forgetOld(process);
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
			return (wordsOf.get(process)?.get(address)?.facts.owner ?? 'none') !== 'none';
		},
		holderOf(process, address) {
			const word = wordsOf.get(process)?.get(address);
			if (!word || word.facts.owner === 'none') {
				return undefined;
			}

			const {holder} = seeOwner(word);
			return holder && {holder, word};
		},
	};
};
