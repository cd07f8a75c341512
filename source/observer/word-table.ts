import type {FutexUse} from '../locks/futex-locks.js';
import type {LockFacts, WordWait} from '../locks/lock-facts.js';
import {kindBySymbol} from '../locks/lock-name.js';
import type {ProcessEntry} from '../sampler/task-entry.js';
import type {LockClassifier} from './lock-classifier.js';
import type {LockNames} from './lock-names.js';
import type {LockWord} from './lock-word.js';
import type {WorkBudget} from './work-budget.js';

/** Futex words that threads were seen at: what they belong to, found out once and again where it may have changed. */
export type WordTable = {
	beginTick(): void;
	/** The word that threads were seen at in these ways; undefined when it's new and there is no time left for it. */
	at(process: ProcessEntry, use: FutexUse, ways: readonly WordWait[]): LockWord | undefined;
	/** What is known of a word; undefined when nobody was seen at it lately. */
	known(process: ProcessEntry, address: number): LockWord | undefined;
	/** Tries once more to tell what it belongs to, at a moment between two ticks, where that isn't known yet. */
	decide(word: LockWord, ways: readonly WordWait[], waiters: number): void;
	/** Forgets the words of a process at which nobody was seen lately. */
	forgetOld(process: ProcessEntry): void;
};

export type WordTableParts = {
	classify: LockClassifier['classify'];
	names: LockNames;
	/** Time for words that weren't seen before; the others' turn is in a later tick. */
	budget: WorkBudget;
};

// Memory may be used for something else meanwhile.
const millisecondsUntilDoubt = 10_000;
// A mutex shows what it is only while somebody has it: it's tried again for a while.
const attemptsToClassify = 50;
const ticksToForget = 5;

/** Whether it is known that it's a lock at most, but not which kind. */
export const isUndecided = ({kind}: Pick<LockFacts, 'kind'>): boolean =>
	kind === 'lock' || kind === 'futex';

/** Whether a word that isn't decided yet may still be. */
export const mayBeDecided = ({facts, attempts}: LockWord): boolean =>
	isUndecided(facts) && attempts < attemptsToClassify;

export const createWordTable = ({classify, names, budget}: WordTableParts): WordTable => {
	const wordsOf = new WeakMap<ProcessEntry, Map<number, LockWord>>();
	let tick = 0;

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
		word.stack = undefined;
	};

	const classifyAgain = (word: LockWord, ways: readonly WordWait[], waiters: number): LockFacts => {
		word.attempts++;
		return classify(word.process, word.address, ways, waiters);
	};

	const update = (word: LockWord, use: FutexUse, ways: readonly WordWait[]): void => {
		const now = performance.now();
		if (now - word.classifiedAt > millisecondsUntilDoubt || mayBeDecided(word)) {
			word.classifiedAt = now;
			const facts = classifyAgain(word, ways, use.waiters.length);
			if (facts.base !== word.facts.base || !isUndecided(facts)) {
				adopt(word, facts);
			}
		}

		nameWord(word);
	};

	const create = (
		process: ProcessEntry,
		{address, waiters}: FutexUse,
		ways: readonly WordWait[],
	): LockWord => {
		const word: LockWord = {
			process,
			generation: process.generation,
			address,
			facts: budget.spend(() => classify(process, address, ways, waiters.length)),
			name: undefined,
			member: undefined,
			sharedId: names.sharedId(process, ways[0]),
			stack: undefined,
			classifiedAt: performance.now(),
			attempts: 1,
			seenInTick: tick,
			looks: 0,
			holders: new Map(),
			doing: new Map(),
		};
		nameWord(word);
		return word;
	};

	return {
		beginTick() {
			tick++;
		},
		at(process, use, ways) {
			const words = wordsOf.get(process) ?? new Map<number, LockWord>();
			wordsOf.set(process, words);
			const known = words.get(use.address);
			if (known?.generation === process.generation) {
				known.seenInTick = tick;
				update(known, use, ways);
				return known;
			}

			if (!budget.mayBegin()) {
				return undefined;
			}

			const word = create(process, use, ways);
			words.set(use.address, word);
			return word;
		},
		known(process, address) {
			const word = wordsOf.get(process)?.get(address);
			return word?.generation === process.generation ? word : undefined;
		},
		decide(word, ways, waiters) {
			if (!mayBeDecided(word)) {
				return;
			}

			const facts = classifyAgain(word, ways, waiters);
			if (!isUndecided(facts)) {
				adopt(word, facts);
			}
		},
		forgetOld(process) {
			const words = wordsOf.get(process);
			for (const [address, word] of words ?? []) {
				if (tick - word.seenInTick > ticksToForget) {
					words!.delete(address);
				}
			}
		},
	};
};
