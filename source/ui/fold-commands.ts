import {processKey, type Row} from '../format/row.js';
import type {FoldLevel, ViewOptions} from '../format/view-options.js';
import {selectedRow, settle, type ViewState} from './view-state.js';

type ProcessRow = Row & {kind: 'process'};

const withLevel = (options: ViewOptions, key: string, level: FoldLevel): ViewOptions => ({
	...options,
	levels: new Map(options.levels).set(key, level),
});

const withGroup = (options: ViewOptions, key: string, open: boolean): ViewOptions => {
	const openGroups = new Set(options.openGroups);
	if (open) {
		openGroups.add(key);
	} else {
		openGroups.delete(key);
	}

	return {...options, openGroups};
};

const change = (state: ViewState, row: Row, options: ViewOptions): ViewState =>
	settle({...state, options}, state, row.key);

const hasChildren = (row: ProcessRow, {shown}: ViewState): boolean =>
	shown?.processes.some(({parentPid, pid}) => parentPid === row.process.pid && pid !== 1) ?? false;

const hasThreads = ({process}: ProcessRow): boolean => process.threads.length > 1;

const toParent = (state: ViewState, row: Row): ViewState => {
	const index = state.rows.findIndex(({key}) => key === row.parentKey);
	return index === -1 ? state : settle({...state, cursor: index, following: undefined}, state);
};

const foldedFrom = (row: ProcessRow, state: ViewState): FoldLevel | undefined => {
	if (row.level === 'threads' && hasThreads(row)) {
		return 'open';
	}

	return row.level !== 'folded' && state.options.tree && hasChildren(row, state)
		? 'folded'
		: undefined;
};

const unfoldedFrom = (row: ProcessRow, state: ViewState): FoldLevel | undefined => {
	if (row.level === 'folded' && hasChildren(row, state)) {
		return 'open';
	}

	return row.level !== 'threads' && hasThreads(row) ? 'threads' : undefined;
};

/** First hides the threads of the selected process, then its children; then goes to its parent. */
export const fold = (state: ViewState): ViewState => {
	const row = selectedRow(state);
	if (row === undefined) {
		return state;
	}

	if (row.kind === 'group' && row.open) {
		return change(state, row, withGroup(state.options, row.key, false));
	}

	const level = row.kind === 'process' ? foldedFrom(row, state) : undefined;
	return level === undefined
		? toParent(state, row)
		: change(state, row, withLevel(state.options, row.key, level));
};

/** First shows the children of the selected process, then its threads; of a group its threads. */
export const unfold = (state: ViewState): ViewState => {
	const row = selectedRow(state);
	if (row?.kind === 'group') {
		return row.open ? state : change(state, row, withGroup(state.options, row.key, true));
	}

	const level = row?.kind === 'process' ? unfoldedFrom(row, state) : undefined;
	return row === undefined || level === undefined
		? state
		: change(state, row, withLevel(state.options, row.key, level));
};

/** Shows all processes when any is hidden, else folds every tree to its top. */
export const foldAll = (state: ViewState): ViewState => {
	const hidden = state.rows.some(row => row.kind === 'process' && row.hiddenProcesses > 0);
	const parents = new Set(state.shown?.processes.map(({parentPid}) => parentPid));
	const levels = new Map(state.options.levels);
	for (const process of state.shown?.processes ?? []) {
		if (process.pid > 1 && parents.has(process.pid)) {
			levels.set(processKey(process), hidden ? 'open' : 'folded');
		}
	}

	return settle({...state, options: {...state.options, levels}}, state, selectedRow(state)?.key);
};
