import {lineChange} from './line-change.js';

/** Puts lines on a terminal and remembers them, so that only what changed is written. */
export type Painter = {
	/** As many lines as the terminal has rows, each already cut to its width and coloured. */
	draw(lines: readonly string[]): void;
	/** The terminal may show something else: the next lines are drawn whole. */
	forget(): void;
};

/**
Around each frame: the terminal shows it at once (synchronized output, mode 2026; others ignore it), and doesn't go on in the
next row where a character turns out wider than it was thought to be (DECAWM, see console_codes(4)).
*/
const begin = '\u{1B}[?2026h\u{1B}[?7l';
const end = '\u{1B}[?7h\u{1B}[?2026l';

/**
Ink would lay out, tokenise and compare every character of each frame anew, which costs more than all reading of /proc: 10 to
20 ms for a screen of 200x50 that these few comparisons draw in less than one.
*/
export const createPainter = (write: (text: string) => void): Painter => {
	let drawn: readonly string[] = [];
	return {
		draw(lines) {
			if (lines.length !== drawn.length) {
				drawn = [];
			}

			let changes = '';
			for (const [row, line] of lines.entries()) {
				changes += lineChange(drawn[row], line, row);
			}

			drawn = lines;
			if (changes !== '') {
				write(begin + changes + end);
			}
		},
		forget() {
			drawn = [];
		},
	};
};
