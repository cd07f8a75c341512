import type {Row} from '../format/row.js';
import {formatRow} from '../format/row-text.js';
import {formatTableHead, layoutTable} from '../format/table-layout.js';
import {fitStart, truncate} from '../format/text-width.js';
import type {Finding} from '../model/finding.js';
import type {Role, Theme} from './theme.js';
import {type ViewState, visibleRows} from './view-state.js';

const roleOf = (row: Row, findings: readonly Finding[]): Role => {
	if (row.kind !== 'process') {
		return 'text';
	}

	const number = row.findings[0];
	return (number === undefined ? undefined : findings[number - 1]?.severity) ?? 'text';
};

/** The table's head and the rows that are on the screen, the selected one inverse. */
export const tableLines = (state: ViewState, theme: Theme): string[] => {
	const {shown, layout, options, cursor, top, focus} = state;
	const width = layout.tableColumns;
	if (shown === undefined) {
		return [];
	}

	const table = layoutTable(shown, width);
	const head = truncate(formatTableHead(table, options, theme.marks), width);
	return [
		theme.paint('head', head),
		...visibleRows(state).map((row, index) => {
			const text = formatRow(row, table);
			return top + index === cursor && focus === 'table'
				? theme.paint('selected', fitStart(text, width))
				: theme.paint(roleOf(row, shown.findings), text);
		}),
	];
};
