import type {Timeline, TimelineThread} from '../model/probe.js';
import type {WaitKind} from '../model/wait.js';
import {isLockWait, type LockOf} from './lock-words.js';
import type {Seen, ThreadTally} from './thread-tally.js';

const linesTold = 60;

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

const threadsOf = ({alike = 0}: TimelineThread): number => alike + 1;

/** Those that did the same as one line: most threads of a crowd only sleep. */
const withoutRepetitions = (all: readonly TimelineThread[]): TimelineThread[] => {
	const lines = new Map<string, {thread: TimelineThread; count: number}>();
	for (const thread of all) {
		const key = `${thread.name.replaceAll(/\d+/g, '#')}\n${thread.states}`;
		const known = lines.get(key);
		if (known) {
			known.count++;
		} else {
			lines.set(key, {thread, count: 1});
		}
	}

	return [...lines.values()].map(({thread, count}) =>
		count === 1 ? thread : {...thread, alike: count - 1},
	);
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
	const lines = withoutRepetitions(all);
	lines.sort(
		(a, b) =>
			interest(b.states) - interest(a.states) || threadsOf(b) - threadsOf(a) || a.tid - b.tid,
	);
	return {
		secondsPerColumn: columnMilliseconds / 1000,
		threads: lines.slice(0, linesTold),
		threadsLeftOut: lines.slice(linesTold).reduce((sum, line) => sum + threadsOf(line), 0),
	};
};
