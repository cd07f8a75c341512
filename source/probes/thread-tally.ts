import type {Wait} from '../model/wait.js';
import type {ThreadEntry} from '../sampler/task-entry.js';

/** A stack that threads were seen in, known once for all of them. */
export type SeenStack = {
	/** Innermost first; empty where none could be read. */
	readonly addresses: readonly number[];
	/** As text; undefined until symbols were looked up. */
	names: readonly string[] | undefined;
};

/** One place that a thread was seen in: a wait with its stack, or running. */
export type Seen = {
	wait: Wait;
	/** -2 when it runs, -1 outside any system call. */
	readonly callNumber: number;
	/** Address of the futex word, or of the first one of the lock; 0 where there is none. */
	readonly futexKey: number;
	readonly stack: SeenStack | undefined;
	readonly runtimeStack: readonly string[] | undefined;
	milliseconds: number;
	looks: number;
	/** Times that it was seen there after it had run: wakes are split by them. */
	arrivals: number;
};

/** Columns of the timeline of one thread: what it did in most of each one's time. */
type Columns = {seen: (Seen | undefined)[]; lead: number[]};

/** All that a probe saw of one thread. */
export type ThreadTally = {
	readonly entry: ThreadEntry;
	readonly places: Map<string, Seen>;
	/** Where it was at the last look. */
	current: Seen | undefined;
	/** When it was looked at last, in milliseconds since the probe began. */
	lookedAt: number;
	/** Counters of its schedstat: at first, and at the last look. */
	first: {runNanoseconds: number; delayNanoseconds: number; slices: number};
	last: {runNanoseconds: number; delayNanoseconds: number; slices: number};
	/** Its voluntary switches at first, and when they were read last; undefined when that was refused. */
	firstVoluntarySwitches: number | undefined;
	voluntarySwitches: number | undefined;
	/** Looks in a row at which it had not run. */
	quietLooks: number;
	/** Round in which it's looked at next. */
	dueRound: number;
	looks: number;
	readonly columns: Columns;
};

export const createThreadTally = (entry: ThreadEntry, now: number): ThreadTally => ({
	entry,
	places: new Map(),
	current: undefined,
	lookedAt: now,
	first: {runNanoseconds: -1, delayNanoseconds: 0, slices: 0},
	last: {runNanoseconds: -1, delayNanoseconds: 0, slices: 0},
	firstVoluntarySwitches: undefined,
	voluntarySwitches: undefined,
	quietLooks: 0,
	dueRound: 0,
	looks: 0,
	columns: {seen: [], lead: []},
});

/** Time of one column goes to what had most of it: the majority vote of Boyer and Moore, which keeps one candidate. */
const voteColumn = (
	{seen, lead}: Columns,
	column: number,
	place: Seen,
	milliseconds: number,
): void => {
	const before = lead[column] ?? 0;
	if (seen[column] === place) {
		lead[column] = before + milliseconds;
	} else if (milliseconds > before) {
		seen[column] = place;
		lead[column] = milliseconds - before;
	} else {
		lead[column] = before - milliseconds;
	}
};

/** Gives a place the time since the thread was looked at last. */
export const credit = (
	tally: ThreadTally,
	place: Seen,
	now: number,
	columnMilliseconds: number,
): void => {
	const from = tally.lookedAt;
	place.milliseconds += now - from;
	tally.lookedAt = now;
	const last = Math.floor(now / columnMilliseconds);
	for (let column = Math.floor(from / columnMilliseconds); column <= last; column++) {
		const begins = Math.max(from, column * columnMilliseconds);
		const ends = Math.min(now, (column + 1) * columnMilliseconds);
		if (ends > begins) {
			voteColumn(tally.columns, column, place, ends - begins);
		}
	}
};

/** Time that a thread was seen, in milliseconds. */
export const seenMilliseconds = ({places}: ThreadTally): number => {
	let sum = 0;
	for (const {milliseconds} of places.values()) {
		sum += milliseconds;
	}

	return sum;
};
