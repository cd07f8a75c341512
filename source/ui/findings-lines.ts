import type {FindingLine} from '../format/finding.js';
import {countFindings} from '../format/severity.js';
import {truncate} from '../format/text-width.js';
import {findingsText, stripLines} from './findings-text.js';
import {helpLines} from './help-text.js';
import {pageRows} from './page.js';
import type {Theme} from './theme.js';
import type {ViewState} from './view-state.js';

const painted = (lines: readonly FindingLine[], theme: Theme): string[] =>
	lines.map(({role, text}) => theme.paint(role, text));

/** The counts matter more than the word before them. */
const panelTitle = (counts: string, width: number): string =>
	truncate(counts.length + 10 <= width ? `findings: ${counts}` : counts, width);

const plural = (count: number): string => (count === 1 ? '1 more line' : `${count} more lines`);

/** The panel beside the table: its title in line with the table's head, and what it has room for. */
export const panelLines = (state: ViewState, theme: Theme): string[] => {
	const {shown, layout, scroll, focus} = state;
	if (shown === undefined) {
		return [];
	}

	const room = layout.tableRows;
	const {lines} = findingsText(shown, layout.panelColumns, 'brief');
	const from = focus === 'panel' ? scroll : 0;
	const hidden = lines.length - from - room;
	const body = painted(lines.slice(from, from + (hidden > 0 ? room - 1 : room)), theme);
	const more =
		hidden > 0 ? [theme.paint('muted', `${plural(hidden + 1)}: e explains, Tab scrolls`)] : [];
	const title = panelTitle(countFindings(shown.findings), layout.panelColumns);
	const head = theme.paint(focus === 'panel' ? 'selected' : 'title', title);
	return [head, ...body, ...more];
};

/** The strip below the table. What it has no room for is counted in its first line. */
export const stripText = (state: ViewState, theme: Theme): string[] => {
	const {shown, layout, size} = state;
	if (shown === undefined) {
		return [];
	}

	const lines = stripLines(shown, size.columns);
	const kept = lines.slice(0, layout.stripRows);
	const hidden = lines.length - kept.length;
	if (hidden > 0 && kept.length > 0) {
		const [first, ...others] = kept;
		const note = `  e explains all`;
		return painted(
			[{role: first!.role, text: truncate(first!.text + note, size.columns)}, ...others],
			theme,
		);
	}

	return painted(kept, theme);
};

/** A page that fills the screen: the findings in full, or the keys. */
export const pageLines = (state: ViewState, theme: Theme): string[] => {
	const {page, shown, size, scroll} = state;
	const room = pageRows(size);
	const lines: readonly FindingLine[] =
		page === 'help'
			? helpLines(size).map(text => ({role: 'text', text}))
			: shown === undefined
				? []
				: findingsText(shown, size.columns, 'full').lines;
	const last = Math.min(lines.length, scroll + room);
	const name = page === 'help' ? 'ctop: keys' : `findings: ${countFindings(shown?.findings ?? [])}`;
	const range = lines.length > room ? `  lines ${scroll + 1}-${last} of ${lines.length}` : '';
	return [
		theme.paint('title', truncate(name + range, size.columns)),
		...painted(
			lines.slice(scroll, last).map(({role, text}) => ({role, text: truncate(text, size.columns)})),
			theme,
		),
	];
};
