import {expect, test} from 'vitest';
import {defaultViewOptions} from '../../source/format/view-options.js';
import type {Snapshot} from '../../source/model/snapshot.js';
import {reduce} from '../../source/ui/reduce.js';
import {initialState, type ViewState} from '../../source/ui/view-state.js';
import {makeIncident} from '../helpers/incident.js';
import {makeSnapshot} from '../helpers/snapshot.js';

const start = (snapshot: Snapshot, columns = 80, kind: ViewState['kind'] = 'live'): ViewState =>
	reduce(initialState(kind, defaultViewOptions, {columns, rows: 24}), {
		type: 'snapshot',
		snapshot,
	});

const keys = (state: ViewState, ...names: string[]): ViewState =>
	reduce(state, {type: 'keys', keys: names});

/** With the cursor on the first row of a kind. */
const on = (state: ViewState, kind: 'process' | 'thread' | 'group'): ViewState => {
	const index = state.rows.findIndex(row => row.kind === kind);
	return keys(state, ...Array.from({length: index}, () => 'j'));
};

test('Enter opens the detail of a process, of a group and of a thread, and closes it again', () => {
	const state = start(makeIncident());
	const process = keys(on(state, 'process'), 'enter');
	expect(process).toMatchObject({page: 'detail', subject: {tids: []}});
	const group = keys(on(state, 'group'), 'enter');
	expect(group.subject).toMatchObject({pid: 2100, startTimeTicks: 1000});
	expect(group.subject?.tids).toHaveLength(44);
	const thread = keys(on(keys(state, 'H'), 'thread'), 'enter');
	expect(thread.subject?.tids).toHaveLength(1);
	for (const key of ['enter', 'escape']) {
		expect(keys(thread, key)).toMatchObject({page: 'table', subject: undefined});
	}
});

test('a detail stays with its process when the order changes, and keeps its place on the page', () => {
	const opened = keys(on(start(makeIncident()), 'group'), 'enter', 'j', 'j');
	const next = reduce(opened, {type: 'snapshot', snapshot: makeIncident({observedSeconds: 42})});
	expect(next.subject).toBe(opened.subject);
	expect(next.scroll).toBe(2);
	expect(keys(next, 'end', 'j').scroll).toBe(keys(next, 'end').scroll);
});

test('without a row Enter does nothing', () => {
	const state = start(makeSnapshot({processes: []}));
	expect(keys(state, 'enter').page).toBe('table');
});

test('Enter on the page of findings explains the one at its top, and Esc leads back there', () => {
	const second = keys(start(makeIncident()), '2', 'enter');
	expect(second.page).toBe('explanation');
	expect(second.explained).toMatchObject({number: 2, finding: {rule: 'idle-polling'}});
	expect(keys(second, 'escape').page).toBe('findings');
	expect(keys(second, 'escape', 'escape').page).toBe('table');
});

test('Enter in the panel explains the finding that is at its top', () => {
	const state = keys(start(makeIncident(), 160), 'tab');
	expect(keys(state, 'enter').explained).toMatchObject({finding: {rule: 'gil-thrash'}});
	const last = keys(state, 'end', 'enter');
	expect(last.explained).toMatchObject({number: 3, finding: {rule: 'oversubscribed'}});
	expect(keys(last, 'enter').page).toBe('table');
});

test('without a finding there is nothing to explain', () => {
	expect(keys(start(makeSnapshot()), 'e', 'enter').page).toBe('findings');
});

test('a replay keeps what was played, for the rates of a detail', () => {
	let state = start(makeIncident({observedSeconds: 1}), 80, 'replay');
	for (const observedSeconds of [2, 3, 2]) {
		state = reduce(state, {type: 'snapshot', snapshot: makeIncident({observedSeconds})});
	}

	expect(state.past.map(({observedSeconds}) => observedSeconds)).toEqual([1, 2]);
	expect(state.moments).toEqual([]);
});
