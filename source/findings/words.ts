import {countText} from '../model/count-text.js';

/** A measured value with three digits at most that mean something: 56912 → `56,900`, 4.23 → `4.2`, 0.4 → `0.4`. */
export const roughText = (value: number): string => {
	if (value < 10) {
		const rounded = Math.round(value * 10) / 10;
		return Number.isInteger(rounded) ? String(rounded) : rounded.toFixed(1);
	}

	const digits = Math.floor(Math.log10(value)) + 1;
	const unit = 10 ** Math.max(0, digits - 3);
	return countText(Math.round(value / unit) * unit);
};

/** `1 thread`, `45 threads`. */
export const plural = (count: number, noun: string): string =>
	`${countText(count)} ${noun}${Math.round(count) === 1 ? '' : /(?:s|x|ch|sh)$/.test(noun) ? 'es' : 's'}`;

/** A value to be kept as evidence: exact enough to work with, short enough to read. */
export const measured = (value: number): number => {
	const unit = Math.abs(value) < 10 ? 100 : Math.abs(value) < 1000 ? 10 : 1;
	return Math.round(value * unit) / unit;
};
