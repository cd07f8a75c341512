import type {Column} from '../model/history.js';

const bars = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** Numbers as bars from 0 to the largest, one character each; a space where there is none. Empty without any number. */
export const sparkline = (values: Column, mostCharacters = 60): string => {
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
