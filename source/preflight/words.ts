import stringWidth from 'string-width';
import {countText} from '../model/count-text.js';

/** Characters that a terminal would act on: controls, and those that change the direction of text. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A name of a file or process as it may be shown; what a terminal would act on becomes `?`. */
export const printable = (name: string): string => name.replaceAll(unprintable, '?');

const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** Bytes for people: `0 B`, `512 KiB`, `21.4 GiB`. */
export const bytes = (value: number): string => {
	let size = value;
	let unit = 0;
	while (Math.abs(size) >= 1024 && unit < byteUnits.length - 1) {
		size /= 1024;
		unit++;
	}

	return `${unit === 0 || size >= 100 ? Math.round(size) : size.toFixed(1)} ${byteUnits[unit]}`;
};

/** A length of time in its largest one or two units: `40 s`, `3 minutes`, `5 h`, `12 days`. */
export const duration = (seconds: number): string => {
	if (seconds < 90) {
		return `${Math.round(seconds)} s`;
	}

	if (seconds < 5400) {
		return `${Math.round(seconds / 60)} minutes`;
	}

	return seconds < 172_800
		? `${Math.round(seconds / 3600)} h`
		: `${Math.round(seconds / 86_400)} days`;
};

/** A percentage without decimals that say nothing: `0.4 %`, `22 %`. */
export const percent = (value: number): string =>
	`${value !== 0 && Math.abs(value) < 10 ? Number(value.toFixed(1)) : Math.round(value)} %`;

export const plural = (value: number, one: string, many = `${one}s`): string =>
	`${countText(value)} ${value === 1 ? one : many}`;

const padding = (cell: string, width: number): string =>
	' '.repeat(Math.max(0, width - stringWidth(cell)));

/** Lines up columns; those named in `right` (by position) to the right. */
export const table = (
	rows: readonly (readonly string[])[],
	right: readonly number[] = [],
): readonly string[] => {
	const widths = rows[0]?.map((_, column) =>
		Math.max(...rows.map(row => stringWidth(row[column] ?? ''))),
	);
	return rows.map(row =>
		row
			.map((cell, column) => {
				const space = padding(cell, widths?.[column] ?? 0);
				return right.includes(column) ? space + cell : cell + space;
			})
			.join('  ')
			.trimEnd(),
	);
};
