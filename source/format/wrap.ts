import {displayWidth, truncate} from './text-width.js';

/** A word that is wider than a line, in pieces; at least one character a piece. */
const pieces = (word: string, width: number): string[] => {
	const parts: string[] = [];
	let rest = word;
	while (displayWidth(rest) > width) {
		const part = truncate(rest, width) || [...rest][0]!;
		parts.push(part);
		rest = rest.slice(part.length);
	}

	return rest === '' && parts.length > 0 ? parts : [...parts, rest];
};

/**
A text in lines of at most this width, broken between words; a word that is wider
than a line is broken inside. The lines after the first begin with `indent`.
*/
export const wrapWords = (text: string, width: number, indent = ''): string[] => {
	const lines: string[] = [];
	let line = '';
	let empty = true;
	for (const word of text.split(' ').filter(part => part !== '')) {
		const gap = empty ? '' : ' ';
		if (displayWidth(line) + gap.length + displayWidth(word) <= width) {
			line += gap + word;
			empty = false;
			continue;
		}

		if (!empty) {
			lines.push(line);
			line = indent;
		}

		const room = Math.max(1, width - displayWidth(indent));
		const parts = pieces(word, room);
		for (const part of parts.slice(0, -1)) {
			lines.push(line + part);
			line = indent;
		}

		line += parts.at(-1)!;
		empty = false;
	}

	lines.push(line);
	return lines;
};
