import stringWidth from 'string-width';

const ascii = /^[ -~]*$/;
/** Characters of this program's own screens, each of them one column wide wherever it stands: nobody has to ask Unicode's tables. */
const narrow = /^[ -~µ×·–’“”…→─│├└▁-█▲▼]*$/;
/** Made when there is something to segment: loading its tables takes as long as drawing a frame. */
let segmenter: Intl.Segmenter | undefined;

const segments = (text: string): Intl.Segments => {
	segmenter ??= new Intl.Segmenter();
	return segmenter.segment(text);
};

/** Columns that a printable text takes in a terminal. */
export const displayWidth = (text: string): number =>
	narrow.test(text) ? text.length : stringWidth(text);

/** The longest beginning of a text that fits; a wide character is never cut in halves. */
export const truncate = (text: string, width: number): string => {
	if (width <= 0) {
		return '';
	}

	if (narrow.test(text)) {
		return text.length <= width ? text : text.slice(0, width);
	}

	if (stringWidth(text) <= width) {
		return text;
	}

	let used = 0;
	let end = 0;
	for (const {segment, index} of segments(text)) {
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
	if (ascii.test(text)) {
		return text;
	}

	let result = '';
	for (const {segment} of segments(text)) {
		result += ascii.test(segment) ? segment : '?'.repeat(stringWidth(segment));
	}

	return result;
};
