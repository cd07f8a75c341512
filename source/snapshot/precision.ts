import {isRecorded} from './recording-format.js';

/** Significant digits of a rate or a share in a recording. */
export type Precision = {digits: number};

/** Of threads; what two digits leave out is noise, and noise is most of a file. */
export const threadPrecision: Precision = {digits: 2};
/** Of processes and of the machine. */
export const sumPrecision: Precision = {digits: 3};

const finestStep = 0.1;
/** Shorter waits for a CPU are the scheduler's own jitter. */
const finestRunQueueStep = 0.5;
const shareOfLooksStep = 10;
const bytesStep = 2 ** 20;
/** Below it bytes are exact. */
const exactBytes = 16 * bytesStep;
const fallbackFactor = 1000;

const stepOf = (value: number, digits: number, finest: number): number => {
	const magnitude = Math.floor(Math.log10(Math.abs(value)));
	return Math.max(finest, 10 ** (magnitude - digits + 1));
};

const stepFor = (name: string, value: number, {digits}: Precision): number =>
	stepOf(value, digits, name === 'runQueueWaitPercent' ? finestRunQueueStep : finestStep);

/** Without the tail of digits that dividing and multiplying leaves. */
const clean = (value: number): number => Number(value.toPrecision(12));

const toStep = (value: number, step: number): number =>
	clean(
		step < 1 ? Math.round(value / step) / Math.round(1 / step) : Math.round(value / step) * step,
	);

/**
A number as a recording holds it, by what it measures, which its name says: rates and shares with the given digits and one decimal,
shares of looks (`percent`) in tenths, large sizes in MiB, everything else to a thousandth. `before` is what was written last: a
value that moved less than a step stays, so that noise around the border between two steps is not written.
*/
export const rounded = (
	name: string,
	value: number,
	precision: Precision,
	before?: unknown,
): number => {
	if (Number.isInteger(value) && !/PerSecond$|Percent$|Bytes$|^percent$/.test(name)) {
		return value;
	}

	if (name === 'percent') {
		return toStep(value, shareOfLooksStep);
	}

	if (name.endsWith('Bytes')) {
		return Math.abs(value) < exactBytes ? value : toStep(value, bytesStep);
	}

	if (!/PerSecond$|Percent$|Milliseconds$/.test(name)) {
		return Math.round(value * fallbackFactor) / fallbackFactor;
	}

	if (value === 0) {
		return 0;
	}

	const step = stepFor(name, value, precision);
	return typeof before === 'number' && before !== 0 && Math.abs(value - before) < step
		? before
		: toStep(value, step);
};

/** The same of all numbers in a value, but for keys that are left out. */
export const roundedDeep = <Value>(
	value: Value,
	precision: Precision,
	before?: unknown,
	name = '',
): Value => {
	if (typeof value === 'number') {
		return rounded(name, value, precision, before) as Value;
	}

	if (Array.isArray(value)) {
		const items = Array.isArray(before) ? (before as readonly unknown[]) : [];
		return value.map((item, index) => roundedDeep(item, precision, items[index], name)) as Value;
	}

	if (typeof value !== 'object' || value === null) {
		return value;
	}

	const known = (typeof before === 'object' ? before : undefined) as
		| Readonly<Record<string, unknown>>
		| null
		| undefined;
	const result: Record<string, unknown> = {};
	for (const [key, item] of Object.entries(value)) {
		if (item !== undefined && isRecorded(key, item)) {
			result[key] = roundedDeep(item, precision, known?.[key], key);
		}
	}

	return result as Value;
};
