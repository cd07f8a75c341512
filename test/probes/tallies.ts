import type {Wait} from '../../source/model/wait.js';
import {
	createThreadTally,
	credit,
	type Seen,
	type ThreadTally,
} from '../../source/probes/thread-tally.js';
import {createProcessEntry, createThreadEntry} from '../../source/sampler/task-entry.js';

/** One place of a thread, and how it was seen there. */
export type Place = {
	wait: Wait;
	milliseconds: number;
	futexKey?: number;
	/** Native frames, innermost first. */
	stack?: readonly string[];
	runtimeStack?: readonly string[];
	looks?: number;
	arrivals?: number;
};

export const columnMilliseconds = 100;

/** A thread as a probe would have seen it in these places, one after the other; it switched voluntarily so often. */
export const tallyOf = (
	tid: number,
	places: readonly Place[],
	{name = 'worker-1', switches = 0, cpuMilliseconds = 0} = {},
): ThreadTally => {
	const entry = createThreadEntry(createProcessEntry(100), tid);
	entry.name = name;
	const tally = createThreadTally(entry, 0);
	let now = 0;
	for (const {
		wait,
		milliseconds,
		futexKey = 0,
		stack,
		runtimeStack,
		looks = 1,
		arrivals = 1,
	} of places) {
		const key = JSON.stringify([wait, futexKey, stack, runtimeStack]);
		const known = tally.places.get(key);
		const place: Seen = known ?? {
			wait,
			callNumber: wait.kind === 'running' ? -2 : 1,
			futexKey,
			stack: stack && {addresses: [], names: stack},
			runtimeStack,
			milliseconds: 0,
			looks: 0,
			arrivals: 0,
		};
		place.looks += looks;
		place.arrivals += arrivals;
		tally.places.set(key, place);
		now += milliseconds;
		credit(tally, place, now, columnMilliseconds);
	}

	tally.firstVoluntarySwitches = 1000;
	tally.voluntarySwitches = 1000 + switches;
	tally.first = {runNanoseconds: 0, delayNanoseconds: 0, slices: 0};
	tally.last = {runNanoseconds: cpuMilliseconds * 1e6, delayNanoseconds: 0, slices: switches};
	return tally;
};
