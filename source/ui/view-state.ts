import type {DetailSubject} from '../format/detail/subject.js';
import {type Filter, parseFilter} from '../format/filter.js';
import type {Row} from '../format/row.js';
import {buildRows} from '../format/tree-rows.js';
import type {ViewOptions} from '../format/view-options.js';
import type {Finding} from '../model/finding.js';
import type {Check} from '../model/preflight.js';
import type {Probe} from '../model/probe.js';
import type {Snapshot} from '../model/snapshot.js';
import {stripWanted} from './findings-text.js';
import {divideScreen, type Layout, type Size} from './layout.js';
import type {Position} from './live-source.js';
import {type ProbeView, type Probing, usualProbing} from './probe-view.js';

/** A line in which a person types. */
export type Prompt = {kind: 'filter' | 'interval' | 'note' | 'probe-search'; text: string};

export type Message = {id: number; text: string; isError: boolean};

/** A finding that a page explains, with its number when the page was opened. */
export type Explained = {finding: Finding; number: number};

/** A moment to keep. */
export type Save = {
	snapshot: Snapshot;
	/** What the screen has from before it, oldest first. */
	before: readonly Snapshot[];
	note?: string;
	/** Whether names and paths are replaced by tokens. */
	redact: boolean;
};

/** Something to do outside the screen; each is done once, by its id. */
export type Effect = {id: number} & (
	| {kind: 'quit' | 'suspend' | 'repaint'}
	| ({kind: 'save'} & Save)
	| {kind: 'step' | 'speed'; by: number}
	| {kind: 'play' | 'next-finding'}
	| {kind: 'interval'; seconds: number}
	| {kind: 'probe'; pid: number; seconds: number}
	| {kind: 'stop-probe'}
);

/** All that the screen shows is made of this, and of nothing else. */
export type ViewState = {
	kind: 'live' | 'replay';
	size: Size;
	/** The newest Snapshot; when frozen, not the one that is shown. */
	live: Snapshot | undefined;
	shown: Snapshot | undefined;
	frozen: boolean;
	/** The last minute, oldest first; frozen, also what came since. Empty in a replay. */
	moments: readonly Snapshot[];
	/** Of the detail's rates: the last minute, in a replay of what was played. */
	past: readonly Snapshot[];
	/** Of a recording. */
	position: Position | undefined;
	/** What rates are compared with. */
	baseline: Snapshot | undefined;
	options: ViewOptions;
	filter: Filter;
	rows: readonly Row[];
	layout: Layout;
	/** Index of the selected row, and of the first one on the screen. */
	cursor: number;
	top: number;
	/** Key of the row that the cursor stays on when the order changes. */
	following: string | undefined;
	focus: 'table' | 'panel';
	page: 'table' | 'findings' | 'help' | 'preflight' | 'detail' | 'explanation' | 'probe';
	/** How the next probe begins; the probe on its page, and all that were made since the screen began or that the file holds. */
	probing: Probing;
	probe: ProbeView | undefined;
	probes: readonly Probe[];
	/** What the detail page is about, and what the page of one finding explains; undefined where there is none. */
	subject: DetailSubject | undefined;
	explained: Explained | undefined;
	/** Whether the detail has a timeline: as a person chose, else where threads wait for a lock. */
	timeline: boolean | undefined;
	/** Where Esc leads from these pages. */
	returnTo: 'table' | 'findings' | 'detail';
	/** Of the newest pre-flight look; undefined until there is one. */
	checks: readonly Check[] | undefined;
	/** First line shown of the panel, the findings or the help. */
	scroll: number;
	prompt: Prompt | undefined;
	message: Message | undefined;
	effects: readonly Effect[];
	/** Counts effects and messages. */
	lastId: number;
	/** Changes when everything is to be drawn again. */
	repaints: number;
};

const matcherOf = (state: ViewState) =>
	state.options.filter === '' ? undefined : state.filter.matches;

const clamp = (value: number, least: number, most: number): number =>
	Math.max(least, Math.min(value, most));

/** Where the cursor belongs among the new rows: on a row, or at its place. */
const cursorAmong = (rows: readonly Row[], cursor: number, key: string | undefined): number => {
	const index = key === undefined ? -1 : rows.findIndex(row => row.key === key);
	return clamp(index === -1 ? cursor : index, 0, Math.max(0, rows.length - 1));
};

const layoutOf = ({size, shown}: ViewState): Layout =>
	divideScreen(size, () => (shown === undefined ? 1 : stripWanted(shown, size.columns)));

/** Brings the first row to where the cursor is on the screen. */
const scrolledTo = (cursor: number, top: number, visible: number, count: number): number => {
	const lowest = Math.max(0, count - visible);
	return clamp(top, Math.max(0, cursor - visible + 1), Math.min(cursor, lowest));
};

/**
Makes what follows from the rest: the rows when the Snapshot, the options or the filter
changed since `before`, the layout, and a cursor that is on the screen. `keep` is the row
that the cursor stays on; without it the cursor stays at its place.
*/
export const settle = (state: ViewState, before: ViewState, keep?: string): ViewState => {
	const filter =
		state.options.filter === before.options.filter
			? state.filter
			: parseFilter(state.options.filter);
	const withFilter = {...state, filter};
	const isSame = state.shown === before.shown && state.options === before.options;
	const rows =
		isSame || state.shown === undefined
			? state.rows
			: buildRows(state.shown, state.options, matcherOf(withFilter));
	const layout = layoutOf(withFilter);
	const cursor = cursorAmong(
		rows,
		state.cursor,
		rows === state.rows ? undefined : (state.following ?? keep),
	);
	const top = scrolledTo(cursor, state.top, Math.max(1, layout.tableRows), rows.length);
	return {...withFilter, rows, layout, cursor, top};
};

/** The screen before the first Snapshot. */
export const initialState = (
	kind: ViewState['kind'],
	options: ViewOptions,
	size: Size,
	probing: Probing = usualProbing,
): ViewState => {
	const filter = parseFilter(options.filter);
	return {
		kind,
		size,
		live: undefined,
		shown: undefined,
		frozen: false,
		moments: [],
		past: [],
		position: undefined,
		baseline: undefined,
		options,
		filter,
		rows: [],
		layout: divideScreen(size, () => 1),
		cursor: 0,
		top: 0,
		following: undefined,
		focus: 'table',
		page: 'table',
		probing,
		probe: undefined,
		probes: [],
		subject: undefined,
		explained: undefined,
		timeline: undefined,
		returnTo: 'table',
		checks: undefined,
		scroll: 0,
		prompt: undefined,
		message: undefined,
		effects: [],
		lastId: 0,
		repaints: 0,
	};
};

export const selectedRow = ({rows, cursor}: ViewState): Row | undefined => rows[cursor];

/** Rows that the table has on the screen. */
export const visibleRows = ({rows, top, layout}: ViewState): readonly Row[] =>
	rows.slice(top, top + layout.tableRows);

type WithoutId<Variant> = Variant extends {id: number} ? Omit<Variant, 'id'> : never;

/** Most effects that wait at once: keys held down before the screen could act. */
const mostEffects = 32;

export const withEffect = (state: ViewState, effect: WithoutId<Effect>): ViewState => {
	const id = state.lastId + 1;
	return {...state, lastId: id, effects: [...state.effects, {...effect, id}].slice(-mostEffects)};
};

export const withMessage = (state: ViewState, text: string, isError: boolean): ViewState => {
	const id = state.lastId + 1;
	return {...state, lastId: id, message: {id, text, isError}};
};

/** Looks at the Snapshot in another way; `keep` is the row that the cursor stays on. */
export const withOptions = (
	state: ViewState,
	change: Partial<ViewOptions>,
	keep?: string,
): ViewState => settle({...state, options: {...state.options, ...change}}, state, keep);

/** Options that leave the cursor on its row. */
export const withOptionsHere = (state: ViewState, change: Partial<ViewOptions>): ViewState =>
	withOptions(state, change, selectedRow(state)?.key);
