import {useEffect} from 'react';
import {threadOfRow} from '../format/row.js';
import type {LiveSource} from './live-source.js';
import {type ViewState, visibleRows} from './view-state.js';

/** Of the process on the detail page all is read; what a page covers needs nothing. */
const focusOf = (state: ViewState): {pids: readonly number[]; tids: readonly number[]} => {
	if (state.page === 'detail' && state.subject !== undefined) {
		return {pids: [state.subject.pid], tids: []};
	}

	const rows = visibleRows(state);
	return {
		pids: [...new Set(rows.map(({process}) => process.pid))],
		tids: rows.flatMap(row => threadOfRow(row)?.tid ?? []),
	};
};

/** Tells the source which processes and threads somebody looks at, when they are others than before. */
export const useFocus = (source: LiveSource, state: ViewState): void => {
	const focus = JSON.stringify(focusOf(state));
	useEffect(() => {
		const {pids, tids} = JSON.parse(focus) as ReturnType<typeof focusOf>;
		source.setFocus?.(pids, tids);
	}, [source, focus]);
};
