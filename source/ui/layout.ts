/** Size of the terminal. */
export type Size = {columns: number; rows: number};

/** How the screen is divided; its parts fill the height exactly. */
export type Layout = {
	/** `line`: one line says it all. `strip`: findings under the table. `panel`: findings beside it. */
	kind: 'line' | 'strip' | 'panel';
	headerRows: number;
	tableColumns: number;
	/** Rows of the table below its head. */
	tableRows: number;
	/** Columns that the panel has, its edge not counted. */
	panelColumns: number;
	stripRows: number;
	footerRows: number;
};

const leastColumns = 40;
const leastRows = 8;
const panelFromColumns = 110;
const panelFromRows = 12;
const panelEdge = 2;
const panelShare = 0.34;
const [narrowestPanel, widestPanel] = [36, 64];
/** Share of the height that the strip may take: five lines of 24. */
const stripShare = 0.21;

const headerRowsFor = (rows: number): number => {
	if (rows >= 16) {
		return 3;
	}

	return rows >= 12 ? 2 : 1;
};

/** Divides a terminal; `stripWanted` says how many lines the findings would fill below the table, and is asked only where they are there. */
export const divideScreen = ({columns, rows}: Size, stripWanted: () => number): Layout => {
	if (columns < leastColumns || rows < leastRows) {
		return {
			kind: 'line',
			headerRows: 0,
			tableColumns: columns,
			tableRows: 0,
			panelColumns: 0,
			stripRows: 0,
			footerRows: 0,
		};
	}

	const headerRows = headerRowsFor(rows);
	const footerRows = rows >= 10 ? 1 : 0;
	const body = rows - headerRows - footerRows - 1;
	if (columns >= panelFromColumns && rows >= panelFromRows) {
		const share = Math.round(columns * panelShare);
		const panel = Math.min(widestPanel, Math.max(narrowestPanel, share));
		return {
			kind: 'panel',
			headerRows,
			tableColumns: columns - panel,
			tableRows: body,
			panelColumns: panel - panelEdge,
			stripRows: 0,
			footerRows,
		};
	}

	const stripRows = Math.min(stripWanted(), Math.max(1, Math.floor(rows * stripShare)));
	return {
		kind: 'strip',
		headerRows,
		tableColumns: columns,
		tableRows: body - stripRows,
		panelColumns: 0,
		stripRows,
		footerRows,
	};
};
