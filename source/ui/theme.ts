import type {LineRole} from '../format/finding.js';
import {toAscii} from '../format/text-width.js';

export type Role =
	| LineRole
	| 'title'
	| 'head'
	| 'live'
	| 'frozen'
	| 'error'
	| 'selected'
	| 'prompt';

/** How text becomes a line on the screen. */
export type Theme = {
	colour: boolean;
	ascii: boolean;
	marks: {falling: string; rising: string; edge: string; rule: string};
	/** A line in its role's colour; the selected row is inverse even without colours. */
	paint: (role: Role, text: string) => string;
};

/** Select Graphic Rendition: how a role begins and ends. The 16 colours only, see console_codes(4). */
const sgr: Readonly<Partial<Record<Role, readonly [string, string]>>> = {
	critical: ['31', '39'],
	warning: ['33', '39'],
	notice: ['36', '39'],
	fix: ['32', '39'],
	command: ['36', '39'],
	muted: ['90', '39'],
	heading: ['1', '22'],
	title: ['1', '22'],
	head: ['1', '22'],
	live: ['32', '39'],
	frozen: ['33', '39'],
	error: ['31', '39'],
	prompt: ['1', '22'],
};

const csi = '\u{1B}[';
const inverse = (text: string): string => `${csi}7m${text}${csi}27m`;

export const makeTheme = (colour: boolean, ascii: boolean): Theme => ({
	colour,
	ascii,
	marks: ascii
		? {falling: 'v', rising: '^', edge: '|', rule: '-'}
		: {falling: '▼', rising: '▲', edge: '|', rule: '─'},
	paint(role, text) {
		const safe = ascii ? toAscii(text) : text;
		if (role === 'selected') {
			return inverse(safe);
		}

		const codes = colour && safe !== '' ? sgr[role] : undefined;
		return codes === undefined ? safe : `${csi}${codes[0]}m${safe}${csi}${codes[1]}m`;
	},
});
