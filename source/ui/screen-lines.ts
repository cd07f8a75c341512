import {displayWidth} from '../format/text-width.js';
import {columnPageLines} from './column-page.js';
import {detailPage} from './detail-text.js';
import {explanationPage} from './explanation-text.js';
import {pageLines, panelLines, stripText} from './findings-lines.js';
import {footerLine} from './footer-text.js';
import {headerLines, oneLine} from './header-text.js';
import {pageRows} from './page.js';
import {preflightLines} from './preflight-text.js';
import {probeLinesOnScreen} from './probe-text.js';
import {tableLines} from './table-text.js';
import type {Theme} from './theme.js';
import type {ViewState} from './view-state.js';

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one.
const colours = /\u{1B}\[[\d;]*m/gu;

const paintedWidth = (text: string): number => displayWidth(text.replaceAll(colours, ''));

const fill = (text: string, width: number): string =>
	text + ' '.repeat(Math.max(0, width - paintedWidth(text)));

/** Exactly so many lines, empty ones at the end. */
const fitRows = (lines: readonly string[], rows: number): readonly string[] =>
	Array.from({length: rows}, (_, row) => lines[row] ?? '');

const tableScreen = (state: ViewState, theme: Theme): readonly string[] => {
	const {layout} = state;
	const bodyRows = layout.tableRows + 1;
	const table = fitRows(tableLines(state, theme), bodyRows);
	const panel = layout.kind === 'panel' ? fitRows(panelLines(state, theme), bodyRows) : undefined;
	return [
		...fitRows(headerLines(state, theme), layout.headerRows),
		...table.map((line, row) =>
			panel === undefined
				? line
				: `${fill(line, layout.tableColumns)}${theme.marks.edge} ${panel[row]}`.trimEnd(),
		),
		...fitRows(stripText(state, theme), layout.stripRows),
		...(layout.footerRows > 0 ? [footerLine(state, theme)] : []),
	];
};

const fullPageLines = (state: ViewState, theme: Theme): readonly string[] => {
	const {page, checks, scroll, size} = state;
	switch (page) {
		case 'preflight':
			return preflightLines(checks, scroll, size, theme);
		case 'detail':
			return columnPageLines(detailPage(state, theme.ascii), scroll, size, theme);
		case 'probe':
			return probeLinesOnScreen(state, theme);
		case 'explanation':
			return columnPageLines(explanationPage(state), scroll, size, theme);
		default:
			return pageLines(state, theme);
	}
};

const pageScreen = (state: ViewState, theme: Theme): readonly string[] => {
	const lines = fullPageLines(state, theme);
	return [...fitRows(lines, pageRows(state.size) + 1), footerLine(state, theme)];
};

const allLines = (state: ViewState, theme: Theme): readonly string[] => {
	if (state.layout.kind === 'line') {
		return [theme.paint('text', oneLine(state))];
	}

	return state.page === 'table' ? tableScreen(state, theme) : pageScreen(state, theme);
};

/** The whole screen, exactly as high as the terminal; where there is no row for what is being typed, it takes the last one. */
export const screenLines = (state: ViewState, theme: Theme): readonly string[] => {
	const lines = fitRows(allLines(state, theme), state.size.rows);
	return state.prompt === undefined ? lines : [...lines.slice(0, -1), footerLine(state, theme)];
};
