/** Control Sequence Introducer, see console_codes(4). */
const csi = '\u{1B}[';
const escapeCode = 0x1b;
const [space, tilde] = [0x20, 0x7e];

const isPlain = (code: number): boolean => code >= space && code <= tilde;

const isPlainBetween = (text: string, from: number, to: number): boolean => {
	for (let index = from; index < to; index++) {
		if (!isPlain(text.charCodeAt(index))) {
			return false;
		}
	}

	return true;
};

/** Whether the character here may belong to the column of the one before it, as combining ones do. */
const isJoined = (text: string, index: number): boolean => {
	const code = text.charCodeAt(index);
	return index < text.length && code !== escapeCode && !isPlain(code);
};

/** What stands before a place in a line: its columns, and how it is coloured there. */
type Before = {index: number; columns: number; colours: string};

/** The end of the sequence that begins here; the text's length when it doesn't end. */
const sequenceEnd = (text: string, start: number): number => {
	const end = text.indexOf('m', start);
	return end === -1 ? text.length : end + 1;
};

/** The last place up to which two lines are the same and each character is one column. */
const samePart = (before: string, after: string): Before => {
	const most = Math.min(before.length, after.length);
	let index = 0;
	let columns = 0;
	let colours = '';
	let followsColour = true;
	while (index < most) {
		const code = after.charCodeAt(index);
		if (code === escapeCode) {
			const end = sequenceEnd(after, index);
			const sequence = after.slice(index, end);
			if (!before.startsWith(sequence, index)) {
				break;
			}

			colours += sequence;
			index = end;
			followsColour = true;
		} else if (isPlain(code) && code === before.charCodeAt(index)) {
			index++;
			columns++;
			followsColour = false;
		} else {
			break;
		}
	}

	return isJoined(after, index) && !followsColour
		? {index: index - 1, columns: columns - 1, colours}
		: {index, columns, colours};
};

const sameEnd = (before: string, after: string, from: number): number => {
	let length = 0;
	const most = after.length - from;
	while (
		length < most &&
		before.charCodeAt(before.length - 1 - length) === after.charCodeAt(after.length - 1 - length)
	) {
		length++;
	}

	return length;
};

const moveTo = (row: number, column: number): string => `${csi}${row + 1};${column + 1}H`;

/**
What must be written for one line of the screen to become another: the part between what both begin with and what both end
with. Rows are counted from 0. Colours are sequences of the kind `CSI ... m` that end with the line; without `before` the
line may hold anything.
*/
export const lineChange = (before: string | undefined, after: string, row: number): string => {
	if (before === after) {
		return '';
	}

	if (before === undefined) {
		return `${moveTo(row, 0)}${csi}K${after}`;
	}

	const {index, columns, colours} = samePart(before, after);
	const reset = colours === '' ? '' : `${csi}0m`;
	if (before.length === after.length) {
		const end = after.length - sameEnd(before, after, index);
		const isWhole = !isJoined(after, end);
		if (isWhole && isPlainBetween(after, index, end) && isPlainBetween(before, index, end)) {
			return moveTo(row, columns) + colours + after.slice(index, end) + reset;
		}
	}

	return `${moveTo(row, columns)}${csi}K${colours}${after.slice(index)}${reset}`;
};
