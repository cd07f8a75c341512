import {glibcMutex, wordIsOwner} from './glibc-mutex.js';
import {
	glibcBarrier,
	glibcCondition,
	glibcRwlock,
	glibcSemaphore,
	glibcStdio,
	onceControl,
} from './glibc-objects.js';
import type {Classify, LockFacts, WordContext, WordWait} from './lock-facts.js';
import {mallocArena} from './malloc-arena.js';
import type {MemoryWindow} from './memory-window.js';
import {muslLock} from './musl.js';
import {rustLock} from './rust.js';

/** Those that only arguments and memory together prove come first: the later ones would take the earlier ones' words for theirs. */
const classifiers: readonly Classify[] = [
	glibcMutex,
	wordIsOwner,
	muslLock,
	glibcStdio,
	mallocArena,
	glibcBarrier,
	glibcRwlock,
	glibcCondition,
	glibcSemaphore,
	rustLock,
	onceControl,
];

/** A contended word of glibc's low-level locks, where nobody ever waits for another value; see lowlevellock.h. */
const isLowLevelLock = ({operation, value, address}: WordWait): boolean =>
	operation === 'WAIT' && value === 2 && address % 8 === 0;

/**
What a futex word belongs to, from how threads wait on it and from the memory around it. Waits whose arguments prove a lock of unknown
kind, or one that happened to be free, are `lock`; of others nothing is known but that it is a `futex`.
*/
export const classifyWord = (
	waits: readonly WordWait[],
	windowOf: (address: number) => MemoryWindow | undefined,
	context: WordContext,
): LockFacts => {
	for (const classify of classifiers) {
		for (const wait of waits) {
			const window = windowOf(wait.address);
			const facts = window && classify(wait, window, context);
			if (facts) {
				return {...facts, word: wait.address};
			}
		}
	}

	const low = waits.every(isLowLevelLock) ? waits[0] : undefined;
	const word = (low ?? waits[0])?.address ?? 0;
	return {
		kind: low ? 'lock' : 'futex',
		base: word,
		word,
		owner: 'none',
		confidence: 'likely',
	};
};
