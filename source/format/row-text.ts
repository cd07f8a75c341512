import type {Process} from '../model/process.js';
import type {Thread} from '../model/thread.js';
import {commandCell} from './columns.js';
import type {Row} from './row.js';
import type {TableLayout} from './table-layout.js';
import {fitEnd, fitStart, truncate, truncateWithMark} from './text-width.js';

const buildCells = (row: Row, layout: TableLayout): string => {
	let line = '';
	for (const {cell, align, shownWidth, id} of layout.columns) {
		const text = id === 'wchan' ? truncateWithMark(cell(row), shownWidth) : cell(row);
		line += `${align === 'end' ? fitEnd(text, shownWidth) : fitStart(text, shownWidth)} `;
	}

	return line;
};

const cellTexts = new WeakMap<Process | Thread, {layout: TableLayout; text: string}>();

/**
Cells before the command. A process or thread that didn't change is the same object in
the next Snapshot, so that its text is made once.
*/
const formatCells = (row: Row, layout: TableLayout): string => {
	if (row.kind === 'group' || (row.kind === 'process' && row.hiddenProcesses > 0)) {
		return buildCells(row, layout);
	}

	const measured = row.kind === 'process' ? row.process : row.thread;
	const known = cellTexts.get(measured);
	if (known?.layout === layout) {
		return known.text;
	}

	const text = buildCells(row, layout);
	cellTexts.set(measured, {layout, text});
	return text;
};

/** A row of the table as text, cut to the layout's width and not filled up on the right; `inserted` stands before the command. */
export const formatRow = (row: Row, layout: TableLayout, inserted = ''): string =>
	(
		formatCells(row, layout) +
		inserted +
		truncate(commandCell(row, layout.commandWidth), layout.commandWidth)
	).trimEnd();
