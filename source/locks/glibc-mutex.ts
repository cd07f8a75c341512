import type {Classify} from './lock-facts.js';

/** Counts above these are no counts: of recursion, and of threads that use one mutex. */
const plausibleCount = 100_000;
/** All flags that glibc sets in `__kind` (`PTHREAD_MUTEX_*_NP` in nptl/pthreadP.h). */
const knownKindBits = 0x3f3;
const typeNames = ['', 'recursive', 'error-checking', 'adaptive'];
const flagNames = [
	[0x10, 'robust'],
	[0x20, 'priority inheritance'],
	[0x40, 'priority ceiling'],
	[0x80, 'shared'],
] as const;
/** FUTEX_TID_MASK, see futex(2). */
export const threadIdMask = 0x3fff_ffff;

const variantOf = (kind: number): string | undefined => {
	const names = [
		typeNames[kind & 3],
		...flagNames.map(([bit, name]) => ((kind & bit) === 0 ? '' : name)),
	].filter(Boolean);
	return names.length === 0 ? undefined : names.join(', ');
};

/**
Whether the word is the first of a `pthread_mutex_t` of glibc that a living thread holds: `lock`, `count`, `owner`, `nusers`, `kind`, the
same for x86-64 and arm64 (sysdeps/nptl/bits/struct_mutex.h). A mutex that is free for the moment can't be told from other words.
*/
export const glibcMutex: Classify = (wait, window, context) => {
	const [lock, count, owner, users, kind] = [0, 4, 8, 12, 16].map(at => window.u32(at));
	if (
		wait.address % 8 !== 0 ||
		lock === undefined ||
		kind === undefined ||
		(kind & ~knownKindBits) !== 0 ||
		owner === undefined ||
		count! >= plausibleCount ||
		users! < 1 ||
		users! >= plausibleCount
	) {
		return undefined;
	}

	const isOwner = (kind & 0x80) === 0 ? context.isThread : context.isAnyThread;
	const isByWord = (kind & 0x30) !== 0;
	const isTaken = isByWord ? (lock & threadIdMask) === owner : lock === 1 || lock === 2;
	if (!isTaken || !isOwner(owner)) {
		return undefined;
	}

	const variant = variantOf(kind);
	return {
		kind: 'mutex',
		...(variant && {variant}),
		base: wait.address,
		owner: isByWord ? 'word' : 'mutex',
		confidence: 'certain',
	};
};

/**
Locks whose word is their holder's thread id: those with priority inheritance, which the kernel itself asks for (LOCK_PI), and
robust ones, where the word that is waited on has its top bit set (FUTEX_WAITERS).
*/
export const wordIsOwner: Classify = (wait, window, context) => {
	if (wait.operation.startsWith('LOCK_PI')) {
		return {
			kind: 'mutex',
			variant: 'priority inheritance',
			base: wait.address,
			owner: 'word',
			confidence: 'certain',
		};
	}

	const value = wait.value ?? 0;
	const isRobust =
		wait.operation === 'WAIT' &&
		!wait.isPrivate &&
		value > 0x8000_0000 &&
		((window.u32(16) ?? 0) & 0x10) !== 0 &&
		context.isAnyThread(value & threadIdMask);
	return isRobust
		? {kind: 'mutex', variant: 'robust', base: wait.address, owner: 'word', confidence: 'likely'}
		: undefined;
};
