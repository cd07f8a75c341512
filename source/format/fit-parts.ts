import {displayWidth, truncate} from './text-width.js';

/** A piece of a line; those with the highest number give way first, to their short form where they have one. */
export type Part = {text: string; priority: number; short?: Part};

const gap = '  ';

const joined = (parts: readonly Part[]): string => parts.map(({text}) => text).join(gap);

/**
A line of parts with two spaces between, in their order: whole parts are shortened, then left
out, the least important first, until the rest fits beside `right`, which stands at the right
edge. The most important one stays, cut if need be.
*/
export const fitParts = (parts: readonly Part[], width: number, right = ''): string => {
	let kept = parts.filter(({text}) => text !== '');
	const reserved = right === '' ? 0 : displayWidth(right) + gap.length;
	while (kept.length > 1 && displayWidth(joined(kept)) + reserved > width) {
		const least = Math.max(...kept.map(({priority}) => priority));
		const index = kept.findLastIndex(({priority}) => priority === least);
		const {short} = kept[index]!;
		kept = kept.toSpliced(index, 1, ...(short === undefined ? [] : [short]));
	}

	const left = joined(kept);
	if (right === '' || displayWidth(left) + reserved > width) {
		return truncate(left, width);
	}

	return (
		left +
		' '.repeat(
			Number.isFinite(width) ? width - displayWidth(left) - displayWidth(right) : gap.length,
		) +
		right
	);
};
