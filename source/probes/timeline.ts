import type {Timeline, TimelineThread} from '../model/probe.js';
import type {WaitKind} from '../model/wait.js';
import {isLockWait, type LockOf} from './lock-words.js';
import type {Seen, ThreadTally} from './thread-tally.js';

const threadsTold = 60;

const letterOfKind: Readonly<Partial<Record<WaitKind, string>>> = {
	running: 'R',
	lock: 'L',
	'file-lock': 'L',
	'kernel-lock': 'L',
	futex: 'f',
	join: 'f',
	poll: 'p',
	epoll: 'p',
	sleep: 's',
	socket: 'n',
	pipe: 'n',
	terminal: 'n',
	disk: 'd',
	'page-fault': 'd',
};

const letterOf = (place: Seen | undefined, lockOf: LockOf): string => {
	if (!place) {
		return ' ';
	}

	const lock = lockOf(place);
	if (lock?.kind === 'gil') {
		return 'G';
	}

	return isLockWait(place, lock) ? 'L' : (letterOfKind[place.wait.kind] ?? 'o');
};

/** How much there is to see in a line: changes, and what is not plain sleep. */
const interest = (states: string): number => {
	let changes = 0;
	for (let index = 1; index < states.length; index++) {
		changes += states[index] === states[index - 1] ? 0 : 1;
	}

	return changes * 2 + states.replaceAll(/[ pfsno]/g, '').length;
};

/** What each thread did in most of each stretch of time, those that did most different things first. */
export const timeline = (
	tallies: readonly ThreadTally[],
	lockOf: LockOf,
	columnMilliseconds: number,
): Timeline => {
	const all = tallies
		.map(({entry, columns}): TimelineThread => {
			// A column without a look, of a thread that was there before and after it, isn't empty on the screen.
			const states = Array.from(columns.seen, place => letterOf(place, lockOf)).join('');
			return {tid: entry.tid, name: entry.name, states};
		})
		.filter(({states}) => states.trim() !== '');
	const told = [...all]
		.sort((a, b) => interest(b.states) - interest(a.states) || a.tid - b.tid)
		.slice(0, threadsTold);
	return {
		secondsPerColumn: columnMilliseconds / 1000,
		threads: told,
		threadsLeftOut: all.length - told.length,
	};
};
