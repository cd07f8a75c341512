import {classifyWord} from '../locks/classify.js';
import {
	describeLock,
	type FutexUse,
	isWorthNaming,
	type LockDetails,
	wordWaits,
} from '../locks/futex-locks.js';
import type {LockFacts, WordContext, WordWait} from '../locks/lock-facts.js';
import {kindBySymbol} from '../locks/lock-name.js';
import {readWindow} from '../locks/memory-window.js';
import {ownerNote, readOwner} from '../locks/owner.js';
import type {Lock} from '../model/lock.js';
import type {ProcessEntry, ThreadEntry} from '../sampler/task-entry.js';
import {syscallName} from '../waits/syscall-numbers.js';
import type {AddressSpaces} from './address-spaces.js';
import type {LockNames} from './lock-names.js';
import {countLook, type Holder, type LockWord, type OwnerSeen, takeHolders} from './lock-word.js';
import type {OwnThreadIds} from './own-thread-ids.js';
import type {WaitReader} from './wait-reader.js';

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
};

export type LockObserverOptions = {
	architecture: string;
	spaces: AddressSpaces;
	names: LockNames;
	waits: WaitReader;
	ids: OwnThreadIds;
	threads: ReadonlyMap<number, ThreadEntry>;
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

const isUndecided = ({kind}: LockFacts): boolean => kind === 'lock' || kind === 'futex';

export const createLockObserver = ({
	architecture,
	spaces,
	names,
	waits,
	ids,
	threads,
}: LockObserverOptions): LockObserver => {
	const wordsOf = new WeakMap<ProcessEntry, Map<number, LockWord>>();
	const pthreadTidOffset = pthreadTidOffsets[architecture];
	let watched: {word: LockWord; waits: readonly WordWait[]}[] = [];
	let tick = 0;
	let next = 0;

	const isStatic = (process: ProcessEntry, address: number): boolean =>
		names.placeOf(process, address) !== undefined;

	/** A thread of another process that has the same memory mapped. */
	const findElsewhere = (tid: number, sharedId: string | undefined): ThreadEntry | undefined => {
		const entry = sharedId === undefined ? undefined : threads.get(tid);
		const file = sharedId?.slice(0, sharedId.lastIndexOf('+'));
		const maps = entry && spaces.of(entry.process).mappings();
		return maps?.some(({device, inode}) => `${device}:${inode}` === file) ? entry : undefined;
	};

	const findHolder = (
		process: ProcessEntry,
		ownTid: number,
		sharedId: string | undefined,
	): Holder | undefined => {
		const tid = ids.tidOf(process, ownTid);
		if (tid !== undefined) {
			return {tid, pid: process.pid};
		}

		const elsewhere = findElsewhere(ownTid, sharedId);
		return elsewhere && {tid: elsewhere.tid, pid: elsewhere.process.pid};
	};

	const classify = (
		process: ProcessEntry,
		use: Pick<FutexUse, 'address'> & {waiters: readonly unknown[]},
		ways: readonly WordWait[],
	): LockFacts => {
		const space = spaces.of(process);
		const sharedId = names.sharedId(process, ways[0]);
		const context: WordContext = {
			isThread: tid => ids.tidOf(process, tid) !== undefined,
			isAnyThread: tid => findHolder(process, tid, sharedId) !== undefined,
			threadCount: process.threads.size,
			waiters: use.waiters.length,
			readMemory: space.memory.read,
			pthreadTidOffset,
			isStatic: isStatic(process, use.address),
		};
		const facts = classifyWord(
			ways,
			address => readWindow(space.memory.read, address, space.mappingOf(address)) ?? undefined,
			context,
		);
		const symbol =
			isUndecided(facts) || facts.kind === 'mutex'
				? names.symbolKnown(process, facts.base)
				: undefined;
		const kind = symbol === undefined ? undefined : kindBySymbol(symbol);
		return kind === undefined ? facts : {...facts, kind};
	};

	const update = (word: LockWord, use: FutexUse, ways: readonly WordWait[]): void => {
		const {process} = word;
		const now = performance.now();
		const isDoubtful =
			now - word.classifiedAt > millisecondsUntilDoubt ||
			(isUndecided(word.facts) && word.attempts < attemptsToClassify);
		if (isDoubtful) {
			const facts = classify(process, use, ways);
			word.attempts++;
			word.classifiedAt = now;
			if (facts.base !== word.facts.base || !isUndecided(facts)) {
				word.facts = facts;
				word.name = undefined;
			}
		}

		word.name ??= names.nameOf(process, word.facts.base);
	};

	const wordAt = (process: ProcessEntry, use: FutexUse, ways: readonly WordWait[]): LockWord => {
		const words = wordsOf.get(process) ?? new Map<number, LockWord>();
		wordsOf.set(process, words);
		const {address} = use;
		const known = words.get(address);
		if (known?.generation === process.generation) {
			known.seenInTick = tick;
			update(known, use, ways);
			return known;
		}

		const word: LockWord = {
			process,
			generation: process.generation,
			address,
			facts: classify(process, use, ways),
			name: undefined,
			sharedId: names.sharedId(process, ways[0]),
			classifiedAt: performance.now(),
			attempts: 1,
			seenInTick: tick,
			looks: 0,
			holders: new Map(),
			doing: new Map(),
		};
		word.name = names.nameOf(process, word.facts.base);
		words.set(address, word);
		return word;
	};

	const seeOwner = ({process, facts, sharedId}: LockWord): OwnerSeen => {
		const owner = readOwner(facts, spaces.of(process).memory.read, pthreadTidOffset ?? 0);
		const holder = owner?.state === 'held' ? findHolder(process, owner.tid, sharedId) : undefined;
		return {owner, holder};
	};

	const details = (word: LockWord): LockDetails => {
		const {facts, sharedId, process} = word;
		const {owner, holder} = seeOwner(word);
		const note = owner ? ownerNote(owner) : undefined;
		return {
			kind: facts.kind,
			...(facts.variant !== undefined && {variant: facts.variant}),
			name: word.name ?? names.roughNameOf(process, facts.base),
			...(sharedId !== undefined && {sharedId}),
			...(owner === null && {holderTid: null}),
			...(holder && {holderTid: holder.tid}),
			...(holder && holder.pid !== process.pid && {holderPid: holder.pid}),
			...(note !== undefined && {holderNote: note}),
			...takeHolders(word),
			confidence: facts.confidence,
		};
	};

	const whatItDoes = (holder: Holder): string | undefined => {
		const entry = threads.get(holder.tid);
		const line = entry && waits.readSyscall(entry);
		if (!line || line.state === 'exited' || line.state === 'kernel') {
			return undefined;
		}

		if (line.state === 'running') {
			return 'running';
		}

		return line.number < 0
			? 'page fault'
			: (syscallName(architecture, line.number) ?? `system call ${line.number}`);
	};

	const lookAt = ({word, waits: ways}: (typeof watched)[number]): void => {
		if (word.process.threads.size === 0) {
			return;
		}

		if (word.facts.kind === 'lock' && word.attempts < attemptsToClassify) {
			const facts = classify(word.process, {address: word.address, waiters: []}, ways);
			word.attempts++;
			if (!isUndecided(facts)) {
				word.facts = facts;
				word.name = undefined;
			}
		}

		if (word.facts.owner !== 'none') {
			const {holder} = seeOwner(word);
			countLook(word, holder, holder && whatItDoes(holder));
		}
	};

	return {
		beginTick() {
			tick++;
			watched = [];
			next = 0;
		},
		locksOf(process, uses) {
			const locks: Lock[] = [];
			for (const use of uses) {
				if (use.waiters.every(({wait}) => wait.kind === 'join')) {
					continue;
				}

				const ways = wordWaits(use);
				const word = wordAt(process, use, ways);
				if (word.facts.owner !== 'none' || word.facts.kind === 'lock') {
					watched.push({word, waits: ways});
				}

				if (isWorthNaming(use, word.facts.kind)) {
					locks.push(describeLock(use, details(word)));
				}
			}

			const words = wordsOf.get(process);
			for (const [address, word] of words ?? []) {
				if (tick - word.seenInTick > ticksToForget) {
					words!.delete(address);
				}
			}

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
