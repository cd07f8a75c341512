import type {FindingLine} from '../format/finding.js';
import {countVerdicts, formatChecks} from '../format/preflight.js';
import {truncate} from '../format/text-width.js';
import type {Check} from '../model/preflight.js';
import type {Size} from './layout.js';
import {pageRows} from './page.js';
import type {Theme} from './theme.js';

const texts = new WeakMap<readonly Check[], Map<number, readonly FindingLine[]>>();

/** Lines of the checks; made once for each look and width. Missing checks: the first look isn't done yet. */
export const preflightText = (
	checks: readonly Check[] | undefined,
	columns: number,
): readonly FindingLine[] => {
	if (checks === undefined) {
		return [{role: 'muted', text: 'looking at disks, sockets, memory and limits...'}];
	}

	const ofLook = texts.get(checks) ?? new Map<number, readonly FindingLine[]>();
	texts.set(checks, ofLook);
	const lines = ofLook.get(columns) ?? formatChecks(checks, columns);
	ofLook.set(columns, lines);
	return lines;
};

/** The page as it stands on the screen: what was found in a title, and as many lines as there is room for. */
export const preflightLines = (
	checks: readonly Check[] | undefined,
	scroll: number,
	size: Size,
	theme: Theme,
): string[] => {
	const lines = preflightText(checks, size.columns);
	const room = pageRows(size);
	const first = Math.max(0, Math.min(scroll, lines.length - room));
	const last = Math.min(lines.length, first + room);
	const range = lines.length > room ? `  lines ${first + 1}-${last} of ${lines.length}` : '';
	const title = `pre-flight: ${checks === undefined ? 'first look' : countVerdicts(checks)}${range}`;
	return [
		theme.paint('title', truncate(title, size.columns)),
		...lines
			.slice(first, last)
			.map(({role, text}) => theme.paint(role, truncate(text, size.columns))),
	];
};
