import type {Column} from '../model/history.js';

/** From nothing to the largest, one character a step. */
export type SparkBars = readonly string[];

export const blockBars: SparkBars = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/** For terminals without other characters; each has more ink than the one before. */
export const asciiBars: SparkBars = ['_', '.', '-', '=', 'o', 'O', '8', '@'];

/** Numbers as bars from 0 to the largest, one character each; a space where there is none. Empty without any number. */
export const sparkline = (
	values: Column,
	mostCharacters = 60,
	bars: SparkBars = blockBars,
): string => {
	const shown = values.slice(-mostCharacters);
	const largest = Math.max(...shown.map(value => value ?? 0));
	if (shown.every(value => value === null)) {
		return '';
	}

	return shown
		.map(value =>
			value === null
				? ' '
				: bars[
						largest > 0 ? Math.min(bars.length - 1, Math.floor((value / largest) * bars.length)) : 0
					],
		)
		.join('');
};
