/**
How much of a recording's records may be written: what each thread and process did is written each tick while that fits, else in turns,
every second, fourth, eighth… tick, so that a machine on which everything changes all the time doesn't fill the disk.
*/
export type RecordingBudget = {
	/** Each thread and process is written every so many ticks; 1 = each tick. */
	readonly every: number;
	/** Takes note of what a record took: its bytes, the seconds that it stands for, and the machine's threads. */
	note: (bytes: number, seconds: number, threads: number) => void;
};

/** For two thousand threads, and for fewer; more threads may take more in proportion. */
const bytesPerHour = 4_500_000;
const threadsOfBudget = 2000;
const secondsPerHour = 3600;

const mostEvery = 16;

/** Ticks before it is changed again: a record's size goes up and down, and a change shows only once all had their turn. */
const recordsBetweenChanges = 12;

const farAbove = 2.5;

/** Well below, twice as much would still fit. */
const wellBelow = 0.4;

export const createRecordingBudget = (): RecordingBudget => {
	let every = 1;
	let records = 0;
	let bytes = 0;
	let allowed = 0;

	return {
		get every() {
			return every;
		},
		note(recordBytes, seconds, threads) {
			records++;
			bytes += recordBytes;
			allowed +=
				((bytesPerHour * Math.max(1, threads / threadsOfBudget)) / secondsPerHour) * seconds;
			if (records < recordsBetweenChanges) {
				return;
			}

			if (bytes > allowed) {
				every = Math.min(mostEvery, every * (bytes > allowed * farAbove ? 4 : 2));
			} else if (bytes < allowed * wellBelow) {
				every = Math.max(1, every / 2);
			}

			records = 0;
			bytes = 0;
			allowed = 0;
		},
	};
};
