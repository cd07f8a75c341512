import type {FindingLine} from '../format/finding.js';
import type {SpannedLine} from '../format/lines.js';
import {fitStart, truncate, truncateWithMark} from '../format/text-width.js';
import type {Size} from './layout.js';
import {pageRows} from './page.js';
import type {Theme} from './theme.js';

/** A page that fills the screen, in one column or in two beside each other that scroll together. */
export type ColumnPage = {
	title: string;
	/** As wide as the page, above the columns; they scroll with it. */
	top: readonly SpannedLine[];
	/** Width of each column. */
	columnWidth: number;
	columns: readonly (readonly FindingLine[])[];
};

const gap = '  ';

/** Lines of what stands above, and of the longest column. */
export const columnPageHeight = ({top, columns}: ColumnPage): number =>
	top.length + Math.max(0, ...columns.map(({length}) => length));

const paintedTop = ({role, text, spans}: SpannedLine, theme: Theme): string =>
	spans === undefined
		? theme.paint(role, text)
		: spans.map(span => theme.paint(span.role, span.text)).join('');

const paintedRow = ({columns, columnWidth}: ColumnPage, row: number, theme: Theme): string =>
	columns
		.map((lines, index) => {
			const {role, text} = lines[row] ?? {role: 'text', text: ''};
			const isLast = index === columns.length - 1;
			// Not filled up on the right: what isn't there need not be drawn.
			return theme.paint(role, isLast ? truncate(text, columnWidth) : fitStart(text, columnWidth));
		})
		.join(gap);

/** The page as it stands on the screen: its title, and as many lines as there is room for. */
export const columnPageLines = (
	page: ColumnPage,
	scroll: number,
	size: Size,
	theme: Theme,
): string[] => {
	const room = pageRows(size);
	const height = columnPageHeight(page);
	const first = Math.max(0, Math.min(scroll, height - room));
	const last = Math.min(height, first + room);
	const range = height > room ? `  lines ${first + 1}-${last} of ${height}` : '';
	return [
		theme.paint(
			'title',
			truncate(truncateWithMark(page.title, size.columns - range.length) + range, size.columns),
		),
		...Array.from({length: last - first}, (_, index) => {
			const above = page.top[first + index];
			return above === undefined
				? paintedRow(page, first + index - page.top.length, theme)
				: paintedTop(above, theme);
		}),
	];
};
