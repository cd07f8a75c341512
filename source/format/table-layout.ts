import type {Snapshot} from '../model/snapshot.js';
import {type Column, columns} from './columns.js';
import {processWaitingOn} from './crowd-waits.js';
import {displayWidth, fitEnd, fitStart} from './text-width.js';
import type {ViewOptions} from './view-options.js';
import {waitChannelName} from './wait-words.js';
import {threadWaitingOn} from './waiting-on.js';

export type PlacedColumn = Column & {shownTitle: string; shownWidth: number};

/** Which columns there are and how wide; the command takes what is left. */
export type TableLayout = {
	columns: readonly PlacedColumn[];
	commandWidth: number;
	/** Whether what is waited on has a column, so that the command need not say it. */
	hasWaitingColumn: boolean;
};

const roomyWaitChannel = 32;
/** From this width on there is room for pidstat's long column titles. */
const longTitlesFrom = 100;
const comfortableCommand = 44;
const roomyWaiting = 40;
/** The words of what is waited on take what the command can spare more readily than the kernel's function does. */
const commandBesideWaiting = 32;

const leastCommand = (width: number): number =>
	width >= 76 ? 20 : Math.max(8, Math.floor(width / 3));

const widestPid = ({processes}: Pick<Snapshot, 'processes'>): number => {
	let largest = 0;
	for (const {pid, threads} of processes) {
		largest = Math.max(largest, pid, threads.at(-1)?.tid ?? 0);
	}

	return String(largest).length;
};

/** Where nothing may be cut the widest name decides. */
const widestWaitChannel = (snapshot: Pick<Snapshot, 'processes'>): number => {
	let widest = 0;
	for (const {threads} of snapshot.processes) {
		for (const {waitChannel} of threads) {
			widest = Math.max(widest, displayWidth(waitChannelName(waitChannel ?? '')));
		}
	}

	return widest;
};

const widestWaiting = ({processes}: Pick<Snapshot, 'processes'>): number => {
	let widest = 0;
	for (const process of processes) {
		widest = Math.max(widest, displayWidth(processWaitingOn(process)));
		for (const thread of process.threads) {
			widest = Math.max(widest, displayWidth(threadWaitingOn(process, thread)));
		}
	}

	return widest;
};

const widestState = ({processes}: Pick<Snapshot, 'processes'>): number =>
	processes.reduce((widest, {stateFlags}) => Math.max(widest, 1 + stateFlags.length), 0);

type Needs = {width: number; pid: number; state: number; waitChannel: number; waiting: number};

const place = (column: Column, needs: Needs): PlacedColumn => {
	const long = needs.width >= longTitlesFrom;
	const shownTitle = long ? column.title : (column.shortTitle ?? column.title);
	const forMark = column.sorts.length > 0 ? 1 : 0;
	const needed: Partial<Record<Column['id'], number>> = {
		ppid: needs.pid,
		pid: needs.pid,
		stat: needs.state,
	};
	const least = needed[column.id] ?? column.width;
	return {...column, shownTitle, shownWidth: Math.max(least, shownTitle.length + forMark)};
};

const taken = (placed: readonly PlacedColumn[]): number =>
	placed.reduce((sum, {shownWidth}) => sum + shownWidth + 1, 0);

/** Gives a column what its values need of what the command can spare. */
const widen = (
	placed: readonly PlacedColumn[],
	id: Column['id'],
	needed: number,
	spare: number,
): PlacedColumn[] =>
	placed.map(column =>
		column.id === id
			? {
					...column,
					shownWidth: Math.max(
						column.shownWidth,
						Math.min(needed, column.shownWidth + Math.max(0, spare)),
					),
				}
			: column,
	);

const arrange = (needs: Needs): TableLayout => {
	const {width} = needs;
	const all = columns.map(column => place(column, needs));
	const left = width - taken(all);
	let placed = all.filter(({leastCommand: least}) => least === undefined || left >= least);
	while (placed.length > 0 && width - taken(placed) < leastCommand(width)) {
		const least = Math.max(...placed.map(({priority}) => priority));
		placed = placed.filter(({priority}) => priority !== least);
	}

	placed = widen(placed, 'waiting', needs.waiting, width - taken(placed) - commandBesideWaiting);
	placed = widen(placed, 'wchan', needs.waitChannel, width - taken(placed) - comfortableCommand);
	return {
		columns: placed,
		commandWidth: Math.max(0, width - taken(placed)),
		hasWaitingColumn: placed.some(({id}) => id === 'waiting'),
	};
};

/** Texts of rows are kept by layout, so that the same needs must give the same object. */
const layouts = new Map<string, TableLayout>();
const mostLayouts = 16;

/**
The table for a width: columns that find no room are left out, the least important first,
so that the command is never dropped. `Infinity` cuts nothing.
*/
export const layoutTable = (snapshot: Pick<Snapshot, 'processes'>, width: number): TableLayout => {
	const needs: Needs = {
		width,
		pid: Math.max(5, widestPid(snapshot)),
		state: Math.max(4, widestState(snapshot)),
		waitChannel: Number.isFinite(width) ? roomyWaitChannel : widestWaitChannel(snapshot),
		waiting: Number.isFinite(width) ? roomyWaiting : widestWaiting(snapshot),
	};
	const key = Object.values(needs).join(' ');
	const known = layouts.get(key);
	if (known !== undefined) {
		return known;
	}

	if (layouts.size >= mostLayouts) {
		layouts.clear();
	}

	const layout = arrange(needs);
	layouts.set(key, layout);
	return layout;
};

const makeTableHead = (layout: TableLayout, sort: ViewOptions['sort'], mark: string): string => {
	let line = '';
	let edge = -1;
	for (const column of layout.columns) {
		const isMarked = column.sorts.includes(sort);
		const title = isMarked ? column.shownTitle + mark : column.shownTitle;
		const start = edge + 1;
		edge = start + column.shownWidth;
		line =
			column.align === 'end'
				? line + fitEnd(title, edge - displayWidth(line))
				: fitStart(line, start) + title;
	}

	return `${fitStart(line, edge + 1)}COMMAND`;
};

const heads = new WeakMap<TableLayout, Map<string, string>>();

/** The table's head, made once for a layout and an order; the sorted column carries `mark`, which may take the space before it. */
export const formatTableHead = (
	layout: TableLayout,
	options: Pick<ViewOptions, 'sort' | 'inverted'>,
	marks: {falling: string; rising: string},
): string => {
	const ascends = (options.sort === 'pid') !== options.inverted;
	const mark = ascends ? marks.rising : marks.falling;
	const known = heads.get(layout) ?? new Map<string, string>();
	heads.set(layout, known);
	const key = `${options.sort} ${mark}`;
	const head = known.get(key) ?? makeTableHead(layout, options.sort, mark);
	known.set(key, head);
	return head;
};
