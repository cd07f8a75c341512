import type {Reading} from '../model/reading.js';

/**
How a table says that there is no number to show. All are ASCII: one character outside
it makes measuring the whole row a hundred times slower.
*/
export const zeroMark = '.';
export const refusedMark = '?';
export const absentMark = '-';

const suffixes = ['', 'k', 'M', 'G', 'T', 'P'];

/** Three significant digits, trailing ones kept: 1.20, 21.4, 267. */
const threeDigits = (value: number): string => {
	if (value < 9.995) {
		return value.toFixed(2);
	}

	return value < 99.95 ? value.toFixed(1) : value.toFixed(0);
};

/**
A number in at most five characters: `0.4`, `62`, `9999`, `21.4k`, `2.13M`.

Zero is `.`, and what is not zero never looks like it: `<0.1`.
*/
export const formatNumber = (value: number): string => {
	if (!Number.isFinite(value)) {
		return absentMark;
	}

	if (value < 0) {
		return `-${formatNumber(-value)}`;
	}

	if (value === 0) {
		return zeroMark;
	}

	if (value < 0.05) {
		return '<0.1';
	}

	if (value < 9.95) {
		return value.toFixed(1);
	}

	if (value < 9999.5) {
		return value.toFixed(0);
	}

	let scaled = value;
	let suffix = 0;
	while (scaled >= 999.5 && suffix < suffixes.length - 1) {
		scaled /= 1000;
		suffix++;
	}

	return `${threeDigits(scaled)}${suffixes[suffix]}`;
};

/** A reading as a table shows it: its number, `.` for zero, `?` when refused, `-` when not there. */
export const formatReading = (reading: Reading<number>): string => {
	if (reading === null) {
		return refusedMark;
	}

	return reading === undefined ? absentMark : formatNumber(reading);
};

/** The same for running text, where zero is `0`. */
export const formatPlainNumber = (value: number): string =>
	value === 0 ? '0' : formatNumber(value);

/** A share in two characters, so that a line of them stands still: ` 0`, `<1`, ` 4`, `62`; 100 takes three. */
export const formatShare = (percent: number): string =>
	percent > 0 && percent < 0.5 ? '<1' : String(Math.round(percent)).padStart(2);
