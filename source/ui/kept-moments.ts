import type {Snapshot} from '../model/snapshot.js';

const secondsKept = 60;
/** What a person looks back at doesn't vanish under the cursor; a screen that stays frozen must not fill the memory either. */
const secondsKeptFrozen = 300;

/**
Threads that ran, in all kept moments together: a Snapshot shares all others with the one before, and these take about 600 bytes each.
Where 800 run all the time each second of a minute is kept; ten thousand took 385 MB without this.
*/
const threadsKept = 50_000;
/** Those are never left out: what happened just now. */
const newestKept = 3;

const threadsOf = ({sampling}: Snapshot): number => sampling.threadsRead;

/** The moment, not among the first and the newest ones, that is missed least: older ones may lie further apart. */
const leastMissed = (moments: readonly Snapshot[]): number => {
	const now = moments.at(-1)!.observedSeconds;
	let found = 0;
	let least = Number.POSITIVE_INFINITY;
	for (let index = 1; index < moments.length - newestKept; index++) {
		const gap = moments[index + 1]!.observedSeconds - moments[index - 1]!.observedSeconds;
		const share = gap / (now - moments[index]!.observedSeconds);
		if (share < least) {
			least = share;
			found = index;
		}
	}

	return found;
};

/** As many as fit into memory: where thousands of threads run, moments lie the further apart the longer ago they are. */
const thinnedOut = (moments: readonly Snapshot[]): readonly Snapshot[] => {
	const kept = [...moments];
	let threads = kept.reduce((sum, moment) => sum + threadsOf(moment), 0);
	while (threads > threadsKept && kept.length > newestKept) {
		const [gone] = kept.splice(leastMissed(kept), 1);
		threads -= threadsOf(gone!);
	}

	return kept;
};

/** The last minute with a new moment; of those that are equally old the new one stays, and the first of a watch, without rates, goes. */
export const withMoment = (
	moments: readonly Snapshot[],
	snapshot: Snapshot,
	frozen: boolean,
): readonly Snapshot[] => {
	const most = frozen ? secondsKeptFrozen : secondsKept;
	return thinnedOut([
		...moments.filter(
			({observedSeconds, intervalSeconds}) =>
				intervalSeconds !== undefined &&
				observedSeconds < snapshot.observedSeconds &&
				snapshot.observedSeconds - observedSeconds <= most,
		),
		snapshot,
	]);
};
