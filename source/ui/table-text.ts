import {baselineOf, factorText, factorTitle, factorWidth} from '../format/baseline.js';
import type {Row} from '../format/row.js';
import {formatRow} from '../format/row-text.js';
import {formatTableHead, layoutTable} from '../format/table-layout.js';
import {fitEnd, fitStart, truncate} from '../format/text-width.js';
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

	const {baseline} = state;
	const table = layoutTable(shown, baseline === undefined ? width : width - factorWidth);
	const title = baseline === undefined ? '' : fitEnd(factorTitle, factorWidth - 1);
	const inserted = (row: Row): string => {
		const then = baseline && baselineOf(baseline).ratesThen(row);
		return baseline === undefined
			? ''
			: `${fitEnd(factorText(row.rates, then, options.sort), factorWidth - 1)} `;
	};

	const plainHead = formatTableHead(table, options, theme.marks);
	const head = truncate(
		title === '' ? plainHead : plainHead.replace(/COMMAND$/, `${title} COMMAND`),
		width,
	);
	return [
		theme.paint('head', head),
		...visibleRows(state).map((row, index) => {
			const text = formatRow(row, table, inserted(row));
			return top + index === cursor && focus === 'table'
				? theme.paint('selected', fitStart(text, width))
				: theme.paint(roleOf(row, shown.findings), text);
		}),
	];
};
