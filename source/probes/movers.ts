import {isForMovers, type LookCosts, restBetweenMovers} from './pace.js';
import type {ThreadTally} from './thread-tally.js';

/** Threads that ran lately: what they do is what is asked for, so that they are looked at amidst a round over all as well, while they are few. */
export type Movers = {
	add(tally: ThreadTally): void;
	/** Those whose turn it is; forgets those that sleep on. */
	due(now: number): readonly ThreadTally[];
	/** How many there are. */
	readonly size: number;
};

/** A thread that slept for so long isn't one that moves. */
const millisecondsToForget = 1000;

/** The round over all has just come by. */
const wasJustLookedAt = ({lookedAt}: ThreadTally, now: number): boolean =>
	now - lookedAt < restBetweenMovers / 2;

export const createMovers = (costs: Pick<LookCosts, 'look' | 'duty'>): Movers => {
	const movers = new Set<ThreadTally>();
	let lookedAt = Number.NEGATIVE_INFINITY;
	return {
		add(tally) {
			movers.add(tally);
		},
		due(now) {
			if (now - lookedAt < restBetweenMovers) {
				return [];
			}

			lookedAt = now;
			for (const tally of movers) {
				if (tally.entry.dead || now - tally.quietSince > millisecondsToForget) {
					movers.delete(tally);
				}
			}

			return isForMovers(movers.size, costs)
				? [...movers].filter(tally => tally.dueAt <= now && !wasJustLookedAt(tally, now))
				: [];
		},
		get size() {
			return movers.size;
		},
	};
};
