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

/** A place where nobody was seen yet. */
export const createSeen = ({
	wait,
	callNumber,
	futexKey = 0,
	stack,
	runtimeStack,
}: Pick<Seen, 'wait' | 'callNumber'> &
	Partial<Pick<Seen, 'futexKey' | 'stack' | 'runtimeStack'>>): Seen => ({
	wait,
	callNumber,
	futexKey,
	stack,
	runtimeStack,
	milliseconds: 0,
	looks: 0,
	arrivals: 0,
});

export const isAsleepIn = (place: Seen | undefined): boolean =>
	place !== undefined && place.wait.kind !== 'running';

/** Columns of the timeline of one thread: what it did in most of each one's time. */
type Columns = {seen: (Seen | undefined)[]; lead: number[]};

/** A place with its stack, by which it is known again without reading it: the same call, instruction and stack pointer. */
export type KnownPlace = {
	programCounter: number;
	/** Of the process when it was read. */
	generation: number;
	place: Seen;
};

/** All that a probe saw of one thread. */
export type ThreadTally = {
	readonly entry: ThreadEntry;
	readonly places: Map<string, Seen>;
	readonly byStackPointer: Map<number, KnownPlace>;
	/** Where it was at the last look. */
	current: Seen | undefined;
	/** Where it was seen asleep last, and when, in milliseconds since the probe began. */
	asleep: {place: Seen; milliseconds: number} | undefined;
	/** When it was looked at last, and when it was seen first not to have run since the look before, in milliseconds since the probe began. */
	lookedAt: number;
	quietSince: number;
	/** Until when it is proven to have been where it was at the last look, which gets that time when it is needed. */
	stillUntil: number;
	stillLooks: number;
	/** Counters of its schedstat: at first, and at the last look. */
	first: {runNanoseconds: number; delayNanoseconds: number; slices: number};
	last: {runNanoseconds: number; delayNanoseconds: number; slices: number};
	/** Its voluntary switches at first, and when they were read last; undefined when that was refused. */
	firstVoluntarySwitches: number | undefined;
	voluntarySwitches: number | undefined;
	/** Looks in a row at which it had not run. */
	quietLooks: number;
	/** Looks in a row at which its counters weren't read. */
	glances: number;
	/** When it's to be looked at next. */
	dueAt: number;
	looks: number;
	/** Time of it that is known closely, see the model's `closelyKnownPercent`. */
	closelyKnownMilliseconds: number;
	readonly columns: Columns;
};

export const createThreadTally = (entry: ThreadEntry, now: number): ThreadTally => ({
	entry,
	places: new Map(),
	byStackPointer: new Map(),
	current: undefined,
	asleep: undefined,
	lookedAt: now,
	quietSince: now,
	stillUntil: now,
	stillLooks: 0,
	first: {runNanoseconds: -1, delayNanoseconds: 0, slices: 0},
	last: {runNanoseconds: -1, delayNanoseconds: 0, slices: 0},
	firstVoluntarySwitches: undefined,
	voluntarySwitches: undefined,
	quietLooks: 0,
	glances: 0,
	dueAt: 0,
	looks: 0,
	closelyKnownMilliseconds: 0,
	columns: {seen: [], lead: []},
});

/** Of a thread that runs all the time its counters tell as much when they are read at every fourth look. */
const glancesBetweenLooks = 3;

/** Whether where it is says enough for one more look: it ran at the last one that its counters were read at, not long ago. */
export const isGlanceEnough = ({
	current,
	quietLooks,
	glances,
}: Pick<ThreadTally, 'current' | 'quietLooks' | 'glances'>): boolean =>
	current !== undefined && quietLooks === 0 && glances < glancesBetweenLooks;

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

const addTime = (
	{columns}: ThreadTally,
	place: Seen,
	{from, to, columnMilliseconds}: {from: number; to: number; columnMilliseconds: number},
): void => {
	place.milliseconds += to - from;
	const last = Math.floor(to / columnMilliseconds);
	for (let column = Math.floor(from / columnMilliseconds); column <= last; column++) {
		const begins = Math.max(from, column * columnMilliseconds);
		const ends = Math.min(to, (column + 1) * columnMilliseconds);
		if (ends > begins) {
			voteColumn(columns, column, place, ends - begins);
		}
	}
};

/** The thread is there now: gives the place the time since the thread was looked at last. */
export const credit = (
	tally: ThreadTally,
	place: Seen,
	now: number,
	columnMilliseconds: number,
): void => {
	addTime(tally, place, {from: tally.lookedAt, to: now, columnMilliseconds});
	tally.lookedAt = now;
	tally.current = place;
	if (isAsleepIn(place)) {
		tally.asleep ??= {place, milliseconds: now};
		tally.asleep.place = place;
		tally.asleep.milliseconds = now;
	}
};

/** Gives the place of the last look the time through which the thread was proven to stay there. */
export const creditStill = (tally: ThreadTally, columnMilliseconds: number): void => {
	const {current, stillUntil, stillLooks, lookedAt} = tally;
	if (current && stillLooks > 0) {
		tally.closelyKnownMilliseconds += stillUntil - lookedAt;
		current.looks += stillLooks;
		tally.stillLooks = 0;
		credit(tally, current, stillUntil, columnMilliseconds);
	}
};

/**
The thread is there now, and came from where it was at the last look without having been elsewhere: nobody knows when, so that each of
the two gets half of the time.
*/
export const creditMove = (
	tally: ThreadTally,
	place: Seen,
	now: number,
	columnMilliseconds: number,
): void => {
	const {current, lookedAt} = tally;
	if (current) {
		const middle = (lookedAt + now) / 2;
		addTime(tally, current, {from: lookedAt, to: middle, columnMilliseconds});
		tally.lookedAt = middle;
	}

	credit(tally, place, now, columnMilliseconds);
};

/** Gives the place of the last look the time since then. */
export const creditRest = (tally: ThreadTally, now: number, columnMilliseconds: number): void => {
	if (tally.current) {
		addTime(tally, tally.current, {from: tally.lookedAt, to: now, columnMilliseconds});
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

/**
The thread is where it was, and that is known better now: what it had there becomes the new place's. Not where it had come there more
than once: of the other times nobody knows.
*/
export const learnPlace = (tally: ThreadTally, better: Seen): void => {
	const {current, places, columns} = tally;
	tally.current = better;
	if (tally.asleep) {
		tally.asleep.place = better;
	}

	if (!current || current === better || current.arrivals > 1) {
		return;
	}

	better.milliseconds += current.milliseconds;
	better.looks += current.looks;
	better.arrivals += current.arrivals;
	columns.seen = columns.seen.map(seen => (seen === current ? better : seen));
	for (const [key, place] of places) {
		if (place === current) {
			places.delete(key);
		}
	}
};
