import {createMemo} from '../model/memo.js';
import type {Process} from '../model/process.js';
import type {Thread} from '../model/thread.js';
import {commandCell} from './command-cell.js';
import type {Row} from './row.js';
import type {TableLayout} from './table-layout.js';
import {fitEnd, fitStart, truncate, truncateWithMark} from './text-width.js';

const buildCells = (row: Row, layout: TableLayout): string => {
	let line = '';
	for (const {cell, align, shownWidth, id} of layout.columns) {
		const isWord = id === 'wchan' || id === 'waiting';
		const text = isWord ? truncateWithMark(cell(row), shownWidth) : cell(row);
		line += `${align === 'end' ? fitEnd(text, shownWidth) : fitStart(text, shownWidth)} `;
	}

	return line;
};

type KnownText = {layout: TableLayout; locks: Process['locks']; text: string};

const cellTexts = createMemo<Process | Thread, KnownText>();

/**
Cells before the command. A process or thread that didn't change is the same object in
the next Snapshot, so that its text is made once. A lock that a thread sleeps on may have
another holder while the thread itself sleeps on.
*/
const formatCells = (row: Row, layout: TableLayout): string => {
	if (row.kind === 'group' || (row.kind === 'process' && row.hiddenProcesses > 0)) {
		return buildCells(row, layout);
	}

	const measured = row.kind === 'process' ? row.process : row.thread;
	const known = cellTexts.get(measured);
	const {locks} = row.process;
	if (known?.layout === layout && known.locks === locks) {
		return known.text;
	}

	const text = buildCells(row, layout);
	cellTexts.set(measured, {layout, locks, text});
	return text;
};

/** A row of the table as text, cut to the layout's width and not filled up on the right; `inserted` stands before the command. */
export const formatRow = (row: Row, layout: TableLayout, inserted = ''): string =>
	(
		formatCells(row, layout) +
		inserted +
		truncate(commandCell(row, layout.commandWidth, layout.hasWaitingColumn), layout.commandWidth)
	).trimEnd();
