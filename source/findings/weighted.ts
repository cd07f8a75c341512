import {isKnown, type Reading} from '../model/reading.js';

/** A value, and the time that it stands for. */
export type Weighted<Value> = {value: Value; seconds: number};

/** The mean of the known ones; where there is none, what the newest says. */
export const mean = (values: readonly Weighted<Reading<number>>[]): Reading<number> => {
	let total = 0;
	let seconds = 0;
	for (const weighted of values) {
		if (isKnown(weighted.value)) {
			total += weighted.value * weighted.seconds;
			seconds += weighted.seconds;
		}
	}

	return seconds > 0 ? total / seconds : values.at(-1)?.value;
};
