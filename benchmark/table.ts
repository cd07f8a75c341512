export type Column = {readonly heading: string; readonly align: 'left' | 'right'};

const underline = (width: number, {align}: Column): string =>
	align === 'right' ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width);

/** A Markdown table with its columns in line, so that it reads in a terminal as well. */
export const formatTable = (
	columns: readonly Column[],
	rows: ReadonlyArray<readonly string[]>,
): string => {
	const widths = columns.map(({heading}, index) =>
		Math.max(3, heading.length, ...rows.map(row => row[index]?.length ?? 0)),
	);
	const lineOf = (cells: readonly string[]): string => {
		const padded = columns.map(({align}, index) => {
			const cell = cells[index] ?? '';
			const width = widths[index] ?? 0;
			return align === 'right' ? cell.padStart(width) : cell.padEnd(width);
		});
		return `| ${padded.join(' | ')} |`;
	};

	return [
		lineOf(columns.map(({heading}) => heading)),
		lineOf(columns.map((column, index) => underline(widths[index] ?? 3, column))),
		...rows.map(lineOf),
	].join('\n');
};
