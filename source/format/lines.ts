import type {FindingLine, LineRole} from './finding.js';
import {printable} from './printable.js';
import {fitStart} from './text-width.js';
import {wrapWords} from './wrap.js';

/** A line of which parts have roles of their own; `text` is all of them together. */
export type SpannedLine = FindingLine & {spans?: readonly FindingLine[]};

/** A text in lines of one role; `first` stands before the first of them, the others are as far in. Made safe to print. */
export const wrappedLines = (
	role: LineRole,
	first: string,
	text: string,
	width: number,
): FindingLine[] =>
	wrapWords(printable(text), Math.max(1, width - first.length)).map((line, index) => ({
		role,
		text: (index === 0 ? first : ' '.repeat(first.length)) + line,
	}));

const labelWidth = 11;

/** `user      www (33)`: a label and what belongs to it. */
export const fieldLines = (
	label: string,
	text: string,
	width: number,
	role: LineRole = 'text',
): FindingLine[] => wrappedLines(role, `  ${fitStart(label, labelWidth)}`, text, width);

/** A part of a page: its title, its lines, a blank line. Nothing where there are no lines. */
export const section = (title: string, lines: readonly FindingLine[]): FindingLine[] =>
	lines.length === 0 ? [] : [{role: 'heading', text: title}, ...lines, {role: 'text', text: ''}];
