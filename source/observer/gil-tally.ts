import type {Gil, GilHolder} from '../model/process.js';

/** Who was seen to hold a GIL in one interval. */
type Interval = {
	looks: number;
	free: number;
	holders: Map<number, {count: number; frames: Map<string, number>}>;
};

/** Who was seen to hold a GIL over the last intervals. */
export type GilTally = {
	/** Counts one look; without a thread nobody held it. `frame`: what that thread was in. */
	count(tid: number | undefined, frame: string | undefined): void;
	/** What the last intervals saw; begins a new one. */
	take(): Pick<Gil, 'holders' | 'freePercent'>;
};

/** One interval has ten looks at most: shares of some of them together stand still enough to be read. */
const intervalsKept = 5;
const holdersShown = 16;

const createInterval = (): Interval => ({looks: 0, free: 0, holders: new Map()});

const mostFrequent = (counts: ReadonlyMap<string, number>): string | undefined => {
	let most: [string, number] | undefined;
	for (const each of counts) {
		if (most === undefined || each[1] > most[1]) {
			most = each;
		}
	}

	return most?.[0];
};

const merge = (intervals: readonly Interval[]): Interval => {
	const merged = createInterval();
	for (const {looks, free, holders} of intervals) {
		merged.looks += looks;
		merged.free += free;
		for (const [tid, {count, frames}] of holders) {
			const known = merged.holders.get(tid) ?? {count: 0, frames: new Map<string, number>()};
			merged.holders.set(tid, known);
			known.count += count;
			for (const [frame, times] of frames) {
				known.frames.set(frame, (known.frames.get(frame) ?? 0) + times);
			}
		}
	}

	return merged;
};

export const createGilTally = (): GilTally => {
	let intervals: Interval[] = [createInterval()];

	return {
		count(tid, frame) {
			const interval = intervals.at(-1)!;
			interval.looks++;
			if (tid === undefined) {
				interval.free++;
				return;
			}

			const holder = interval.holders.get(tid) ?? {count: 0, frames: new Map<string, number>()};
			interval.holders.set(tid, holder);
			holder.count++;
			if (frame !== undefined) {
				holder.frames.set(frame, (holder.frames.get(frame) ?? 0) + 1);
			}
		},
		take() {
			const {looks, free, holders} = merge(intervals);
			intervals = [...intervals, createInterval()].slice(-intervalsKept);
			if (looks === 0) {
				return {};
			}

			const shares = [...holders]
				.map(([tid, {count, frames}]): GilHolder => {
					const frame = mostFrequent(frames);
					return {tid, percent: (count / looks) * 100, ...(frame !== undefined && {frame})};
				})
				.sort((one, other) => other.percent - one.percent)
				.slice(0, holdersShown);
			return {
				...(shares.length > 0 && {holders: shares}),
				freePercent: (free / looks) * 100,
			};
		},
	};
};
