import {wantedIn} from '../locks/stack-evidence.js';
import type {ProbeCall} from '../model/probe.js';
import {applicationFrame} from '../model/runtime-frame.js';
import {waitName} from '../model/wait-name.js';
import {type LockOf, waitTitle} from './lock-words.js';
import type {Seen, ThreadTally} from './thread-tally.js';

/** Voluntary switches of a thread during the probe; of one that is gone, or of a crowd, its time slices. */
const wakesOf = ({
	firstVoluntarySwitches,
	voluntarySwitches,
	entry,
	first,
	last,
}: ThreadTally): number =>
	!entry.dead && firstVoluntarySwitches !== undefined && voluntarySwitches !== undefined
		? Math.max(0, voluntarySwitches - firstVoluntarySwitches)
		: Math.max(0, last.slices - first.slices);

const callOf = ({wait}: Seen): string => waitName(wait);

/** Functions of the C library around system calls: they say nothing that the call doesn't. */
const wrappers =
	/^(?:_*(?:GI_|libc_)*(?:clock_nanosleep|nanosleep|usleep|sleep|pause|read|write|recv\w*|accept4?|p?select|p?poll|epoll_p?wait\d?|wait4|waitpid|waitid))(?:@\S+)?\+/;

/** The program's own code that waits; undefined where that is the call itself. */
const functionOf = ({runtimeStack, stack}: Seen): string | undefined => {
	if (runtimeStack) {
		return applicationFrame(runtimeStack);
	}

	return stack?.names && wantedIn(stack.names.filter(name => !wrappers.test(name)));
};

const heaviest = <Key>(weights: ReadonlyMap<Key, number>): Key | undefined => {
	let best: Key | undefined;
	for (const [key, weight] of weights) {
		if (best === undefined || weight > weights.get(best)!) {
			best = key;
		}
	}

	return best;
};

const add = <Key>(weights: Map<Key, number>, key: Key, weight: number): void => {
	weights.set(key, (weights.get(key) ?? 0) + weight);
};

type Row = {
	milliseconds: number;
	timedMilliseconds: number;
	wakes: number;
	tids: Set<number>;
	limits: Limits;
	titles: Map<string, number>;
	functions: Map<string, number>;
};

/** Limits by what they are of: for a futex, whose limit is a point in time, the longest rest of it that was seen. */
type Limits = Map<string, {limit: number; milliseconds: number}>;

const addLimit = (limits: Limits, {wait, futexKey, milliseconds}: Seen): void => {
	const limit = roundLimit(wait.timeoutMilliseconds ?? 0);
	const key = futexKey === 0 ? `${limit} ms` : `word ${futexKey}`;
	const known = limits.get(key);
	limits.set(key, {
		limit: Math.max(limit, known?.limit ?? 0),
		milliseconds: milliseconds + (known?.milliseconds ?? 0),
	});
};

/** A limit as people chose it: what was read of a point in time is a little short of that. */
const roundLimit = (milliseconds: number): number => Number(milliseconds.toPrecision(2));

/**
How the time that threads slept was divided among system calls, as `strace -c -w` would tell it, busiest first. A thread's wakes are
split among the calls that it was found in after it had run: each such look finds what it had just begun.
*/
export const callTable = (
	tallies: readonly ThreadTally[],
	lockOf: LockOf,
	seconds: number,
): readonly ProbeCall[] => {
	const rows = new Map<string, Row>();
	let asleep = 0;
	for (const tally of tallies) {
		const places = [...tally.places.values()].filter(({wait}) => wait.kind !== 'running');
		const arrivals = places.reduce((sum, place) => sum + place.arrivals, 0);
		for (const place of places) {
			const call = callOf(place);
			let row = rows.get(call);
			if (!row) {
				row = {
					milliseconds: 0,
					timedMilliseconds: 0,
					wakes: 0,
					tids: new Set(),
					limits: new Map(),
					titles: new Map(),
					functions: new Map(),
				};
				rows.set(call, row);
			}

			const {wait, milliseconds} = place;
			asleep += milliseconds;
			row.milliseconds += milliseconds;
			row.tids.add(tally.entry.tid);
			row.wakes += arrivals === 0 ? 0 : (wakesOf(tally) * place.arrivals) / arrivals;
			const where = functionOf(place);
			if (where !== undefined) {
				add(row.functions, where, milliseconds);
			}

			// Of other calls the name and the limit say it all.
			if (place.futexKey !== 0) {
				add(row.titles, waitTitle(wait, lockOf(place)), milliseconds);
			}

			if (wait.timed) {
				row.timedMilliseconds += milliseconds;
				addLimit(row.limits, place);
			}
		}
	}

	return [...rows]
		.map(([call, row]): ProbeCall => {
			const limit = [...row.limits.values()].sort((a, b) => b.milliseconds - a.milliseconds)[0]
				?.limit;
			const title = heaviest(row.titles);
			const where = heaviest(row.functions);
			return {
				call,
				percent: asleep === 0 ? 0 : (row.milliseconds / asleep) * 100,
				seconds: row.milliseconds / 1000,
				threads: row.tids.size,
				wakesPerSecond: seconds === 0 ? 0 : row.wakes / seconds,
				timedPercent: row.milliseconds === 0 ? 0 : (row.timedMilliseconds / row.milliseconds) * 100,
				...(limit && {timeoutMilliseconds: limit}),
				...(title !== undefined && title !== call && {mostly: title}),
				...(where !== undefined && {mostlyIn: where}),
			};
		})
		.sort((a, b) => b.seconds - a.seconds);
};
