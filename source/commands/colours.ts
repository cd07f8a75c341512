import {parseWord} from './parse-values.js';

export const colourWords = ['auto', 'always', 'never'] as const;

/**
Whether to use colours: `--color` decides, then NO_COLOR (no-color.org: any text but an empty one), then FORCE_COLOR, then the
kind of terminal.
*/
export const wantsColour = (
	choice: string,
	environment: Readonly<Record<string, string | undefined>>,
): boolean => {
	const word = parseWord('--color', choice, colourWords);
	if (word !== 'auto') {
		return word === 'always';
	}

	if (environment['NO_COLOR']) {
		return false;
	}

	const forced = environment['FORCE_COLOR'];
	return forced === undefined ? environment['TERM'] !== 'dumb' : forced !== '0';
};

/** Whether the locale can't show more than ASCII; the first of these variables that is set decides, see locale(7). */
export const isAsciiLocale = (
	environment: Readonly<Record<string, string | undefined>>,
): boolean => {
	const locale = environment['LC_ALL'] || environment['LC_CTYPE'] || environment['LANG'] || 'C';
	return !/utf-?8/i.test(locale);
};
