import {fitStart} from '../format/text-width.js';
import {type KeyGroup, keymap} from './keymap.js';
import type {Size} from './layout.js';

const groupTitles: readonly (readonly [KeyGroup, string])[] = [
	['move', 'Move'],
	['sort', 'Sort (the same key again inverts)'],
	['look', 'Look for'],
	['session', 'Session'],
	['findings', 'Findings'],
	['time', 'Time'],
	['tree', 'Tree and threads'],
];

const labelWidth = 13;
const leastColumn = 38;
const columnGap = 2;

const groupLines = ([group, title]: readonly [KeyGroup, string]): string[] => [
	title,
	...keymap
		.filter(binding => binding.group === group && binding.help !== undefined)
		.map(({label, help}) => `  ${fitStart(label, labelWidth)}${help}`),
];

/** All keys with what they do, from the table of keys: two columns where there is room. */
export const helpLines = ({columns}: Pick<Size, 'columns'>): string[] => {
	const groups = groupTitles.map(groupLines);
	const all = groups.flat();
	if (columns < 2 * leastColumn) {
		return all;
	}

	const left: string[] = [];
	const right: string[] = [];
	for (const lines of groups) {
		const side =
			left.length + lines.length <= Math.ceil(all.length / 2) + 2 && right.length === 0
				? left
				: right;
		side.push(...lines);
	}

	const leftWidth = Math.max(...left.map(line => line.length)) + columnGap;
	return Array.from({length: Math.max(left.length, right.length)}, (_, index) =>
		(fitStart(left[index] ?? '', leftWidth) + (right[index] ?? '')).trimEnd(),
	);
};
