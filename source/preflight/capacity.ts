import type {Fix} from '../model/finding.js';
import type {Measurement} from '../model/preflight.js';
import {above, below, measure, type Symptom, symptom} from './judge.js';
import {duration, percent} from './words.js';

/** Something that fills up: the space or the inodes of one file system. */
export type Capacity = {
	/** Where it is mounted, as it may be shown. */
	name: string;
	used: number;
	available: number;
	/** Available at the first reading; missing when it wasn't there then. */
	availableBefore?: number;
	seconds: number;
	/** Nothing can be written to it, so being full is no fault. */
	fixed: boolean;
};

export const usedWatchPercent = 85;
export const usedBadPercent = 95;
const soonWatchSeconds = 3600;
const soonBadSeconds = 300;

/** Use as df(1) computes it: of what users can have, without root's reserve, rounded up. */
export const usedPercent = ({used, available}: {used: number; available: number}): number =>
	used + available > 0 ? Math.ceil((used * 100) / (used + available)) : 0;

/** Seconds until nothing is available at the rate that was watched; undefined when it doesn't fill, or by less than `least`. */
export const secondsUntilFull = (
	{available, availableBefore, seconds}: Capacity,
	least: number,
): number | undefined => {
	const gone = availableBefore === undefined ? 0 : availableBefore - available;
	return seconds > 0 && gone >= least && available > 0 ? (available * seconds) / gone : undefined;
};

export type CapacityWords = {
	/** `disk`, `inodes`. */
	noun: string;
	source: string;
	/** Growth below this is noise. */
	least: number;
	/** A value in people's words. */
	say: (value: number) => string;
	fixes: (name: string) => readonly Fix[];
};

/** Judges how full something is and how soon it will be. */
export const judgeCapacity = (
	capacity: Capacity,
	words: CapacityWords,
): {measurements: readonly Measurement[]; symptoms: readonly Symptom[]} => {
	const {name, available, fixed, seconds} = capacity;
	const used = usedPercent(capacity);
	const use = measure(
		`${words.noun} used on ${name}`,
		used,
		'%',
		words.source,
		fixed ? undefined : above(usedWatchPercent, usedBadPercent),
	);
	const soon = secondsUntilFull(capacity, words.least);
	const fill =
		soon === undefined
			? undefined
			: measure(
					`time until ${words.noun} full on ${name}, at the rate of the last ${duration(seconds)}`,
					soon,
					's',
					words.source,
					below(soonWatchSeconds, soonBadSeconds),
				);
	const trend = soon === undefined ? '' : `, full in ${duration(soon)} at this rate`;
	const says =
		available === 0
			? `${name} is full: ${words.noun} 0 left of ${words.say(capacity.used)}`
			: `${name}: ${words.noun} ${percent(used)} used, ${words.say(available)} left${trend}`;
	const fixes = words.fixes(name);
	const symptoms = [...symptom(use, says, fixes), ...(fill ? symptom(fill, says, fixes) : [])];
	return {
		measurements: fill ? [use, fill] : [use],
		// Both say the same sentence: the worse of the two speaks.
		symptoms: symptoms
			.sort((a, b) => (a.verdict === 'bad' ? -1 : b.verdict === 'bad' ? 1 : 0))
			.slice(0, 1),
	};
};
