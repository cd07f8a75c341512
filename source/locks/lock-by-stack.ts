import type {Lock} from '../model/lock.js';
import {isBareAddress} from './lock-name.js';
import {kindUnknown, ownerUnrecorded} from './owner.js';
import {kindByStack, wantedIn} from './stack-evidence.js';

const takenIn = 'taken in ';

/**
What a waiter's stack adds to what is known of a lock: where it is wanted, its kind where its memory didn't prove one, and a name where it
had none. `line`: what its runtime tells, a line of the program, says more than a function of the interpreter. The same lock when that is
nothing new.
*/
export const withStack = (
	lock: Lock,
	stack: readonly string[] | undefined,
	line?: string,
): Lock => {
	// Everybody wants the GIL in the interpreter's own functions.
	if ((!stack && line === undefined) || lock.kind === 'gil') {
		return lock;
	}

	const wanted = line ?? (stack && wantedIn(stack));
	const kind = lock.confidence === 'certain' || !stack ? undefined : kindByStack(stack);
	const isBare = isBareAddress(lock.name);
	if (kind === undefined && wanted === lock.wantedIn && !isBare) {
		return lock;
	}

	// The stack may have its names later than its addresses.
	const isUnnamed = isBare || lock.name.startsWith(takenIn);

	return {
		...lock,
		...(kind !== undefined && kind !== lock.kind && {kind, confidence: 'likely' as const}),
		...(kind !== undefined && lock.holderNote === kindUnknown && {holderNote: ownerUnrecorded}),
		...(wanted !== undefined && {wantedIn: wanted}),
		...(wanted !== undefined && isUnnamed && {name: `${takenIn}${wanted}`}),
	};
};
