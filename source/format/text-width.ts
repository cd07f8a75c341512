import stringWidth from 'string-width';

const plain = /^[ -~]*$/;
const segmenter = new Intl.Segmenter();

/** Columns that a printable text takes in a terminal. */
export const displayWidth = (text: string): number =>
	plain.test(text) ? text.length : stringWidth(text);

/** The longest beginning of a text that fits; a wide character is never cut in halves. */
export const truncate = (text: string, width: number): string => {
	if (width <= 0) {
		return '';
	}

	if (plain.test(text)) {
		return text.length <= width ? text : text.slice(0, width);
	}

	if (stringWidth(text) <= width) {
		return text;
	}

	let used = 0;
	let end = 0;
	for (const {segment, index} of segmenter.segment(text)) {
		used += stringWidth(segment);
		if (used > width) {
			break;
		}

		end = index + segment.length;
	}

	return text.slice(0, end);
};

/** The same, with `~` as its last character where something was cut off. */
export const truncateWithMark = (text: string, width: number): string =>
	displayWidth(text) <= width ? text : `${truncate(text, width - 1)}${width > 0 ? '~' : ''}`;

/** Cut or filled with spaces on the right to exactly this width. */
export const fitStart = (text: string, width: number): string => {
	const cut = truncate(text, width);
	return cut + ' '.repeat(Math.max(0, width - displayWidth(cut)));
};

/** Cut or filled with spaces on the left to exactly this width. */
export const fitEnd = (text: string, width: number): string => {
	const cut = truncate(text, width);
	return ' '.repeat(Math.max(0, width - displayWidth(cut))) + cut;
};

/** A printable text in ASCII alone, as wide as before: `?` for each column of any other character. */
export const toAscii = (text: string): string => {
	if (plain.test(text)) {
		return text;
	}

	let ascii = '';
	for (const {segment} of segmenter.segment(text)) {
		ascii += plain.test(segment) ? segment : '?'.repeat(stringWidth(segment));
	}

	return ascii;
};
