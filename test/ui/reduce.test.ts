import {expect, test} from 'vitest';
import {defaultViewOptions} from '../../source/format/view-options.js';
import type {Snapshot} from '../../source/model/snapshot.js';
import {statusText} from '../../source/ui/header-text.js';
import {parseInterval} from '../../source/ui/prompt-keys.js';
import {type Action, reduce} from '../../source/ui/reduce.js';
import {
	initialState,
	selectedRow,
	type ViewState,
	visibleRows,
} from '../../source/ui/view-state.js';
import {makeIncident} from '../helpers/incident.js';
import {makeProcess, makeSnapshot, makeThread} from '../helpers/snapshot.js';

const size = {columns: 80, rows: 24};
const start = (snapshot?: Snapshot, kind: ViewState['kind'] = 'live'): ViewState => {
	const state = initialState(kind, defaultViewOptions, size);
	return snapshot === undefined ? state : reduce(state, {type: 'snapshot', snapshot});
};

const keys = (state: ViewState, ...names: string[]): ViewState =>
	reduce(state, {type: 'keys', keys: names});
const type = (state: ViewState, text: string): ViewState =>
	keys(state, ...[...text].map(letter => (letter === ' ' ? 'space' : letter)));
const selectedPid = (state: ViewState): number | undefined => selectedRow(state)?.process.pid;
const pids = (state: ViewState): number[] => [
	...new Set(state.rows.map(({process}) => process.pid)),
];

const rated = (rates: Readonly<Record<number, number>>, change: Partial<Snapshot> = {}): Snapshot =>
	makeSnapshot({
		processes: Object.entries(rates).map(([pid, rate]) =>
			makeProcess({
				pid: Number(pid),
				threads: [makeThread({tid: Number(pid), voluntarySwitchesPerSecond: rate})],
			}),
		),
		...change,
	});

test('the cursor stays at its place when the order changes, and on its row when it follows', () => {
	const state = keys(start(rated({10: 3, 20: 2, 30: 1})), 'j');
	const next: Action = {type: 'snapshot', snapshot: rated({10: 3, 20: 0, 30: 9})};
	expect(selectedPid(state)).toBe(20);
	expect(selectedPid(reduce(state, next))).toBe(10);
	const following = reduce(keys(state, 'F'), next);
	expect(selectedPid(following)).toBe(20);
	expect(following.cursor).toBe(2);
});

test('following ends when the cursor is moved, and does not move to a new process of the same pid', () => {
	const state = keys(start(rated({10: 3, 20: 2, 30: 1})), 'F');
	expect(keys(state, 'j').following).toBeUndefined();
	const reused = makeSnapshot({
		processes: [
			makeProcess({pid: 20, threads: [makeThread({tid: 20, voluntarySwitchesPerSecond: 50})]}),
			makeProcess({pid: 10, startTimeTicks: 9999}),
		],
	});
	expect(selectedPid(reduce(state, {type: 'snapshot', snapshot: reused}))).toBe(20);
});

test('the cursor never leaves the rows, and is always on the screen', () => {
	const many = rated(
		Object.fromEntries(Array.from({length: 200}, (_, index) => [index + 10, index])),
	);
	let state = start(many);
	for (const key of [
		'up',
		'end',
		'down',
		'page-up',
		'ctrl+b',
		'page-down',
		'G',
		'j',
		'g',
		'k',
		'end',
	]) {
		state = keys(state, key);
		expect(visibleRows(state)).toContain(selectedRow(state));
	}

	expect(selectedPid(state)).toBe(10);
	const fewer = reduce(state, {type: 'snapshot', snapshot: rated({10: 1, 11: 2})});
	expect(fewer.cursor).toBe(1);
	expect(fewer.top).toBe(0);
	const empty = reduce(state, {type: 'snapshot', snapshot: rated({})});
	expect(selectedRow(empty)).toBeUndefined();
	expect(keys(empty, 'j', 'right', 'left', 'enter', 'F', '*', 'end').cursor).toBe(0);
});

test('a sort key sorts, the same again inverts, another one starts falling', () => {
	let state = keys(start(rated({10: 3, 20: 2})), 'v');
	expect(state.options).toMatchObject({sort: 'voluntary', inverted: false});
	state = keys(state, 'v');
	expect(state.options).toMatchObject({sort: 'voluntary', inverted: true});
	expect(pids(state)).toEqual([20, 10]);
	state = keys(state, 'N');
	expect(state.options).toMatchObject({sort: 'pid', inverted: false});
	expect(keys(state, 'I').options.inverted).toBe(true);
	expect(keys(state, 'w', 'P', 'n', 'c').options.sort).toBe('switches');
});

test('frozen, measuring goes on unseen, the view still works, and the dead stay on the screen', () => {
	const before = rated({10: 3, 20: 2}, {observedSeconds: 40});
	let state = keys(start(before), 'space');
	state = reduce(state, {type: 'snapshot', snapshot: rated({20: 9}, {observedSeconds: 52})});
	expect(pids(state)).toEqual([10, 20]);
	expect(statusText(state)).toBe('FROZEN 12s ago 12:00:41Z');
	expect(pids(keys(state, 'v', 'v'))).toEqual([20, 10]);
	const live = keys(state, 'space');
	expect(pids(live)).toEqual([20]);
	expect(statusText(live)).toContain('LIVE');
});

test('what is saved is what is shown, not what was measured since', () => {
	const shown = rated({10: 3});
	let state = keys(start(shown), 'space');
	state = keys(reduce(state, {type: 'snapshot', snapshot: rated({20: 9})}), 's');
	expect(state.effects).toMatchObject([{id: 1, kind: 'save', redact: false}]);
	expect(state.effects[0]).toHaveProperty('snapshot', shown);
	expect(keys(start(), 's').message).toMatchObject({isError: true});
});

test('a filter works while it is typed, Enter keeps it, Esc clears it', () => {
	const state = start(makeIncident());
	const typing = type(keys(state, '/'), 'cron');
	expect(typing.prompt?.text).toBe('cron');
	expect(pids(typing)).toEqual([4000]);
	const kept = keys(typing, 'enter');
	expect(kept.prompt).toBeUndefined();
	expect(kept.options.filter).toBe('cron');
	expect(keys(kept, 'escape').options.filter).toBe('');
	expect(pids(keys(typing, 'escape')).length).toBeGreaterThan(5);
	expect(keys(typing, 'backspace', 'backspace').options.filter).toBe('cr');
	expect(keys(typing, 'ctrl+u').options.filter).toBe('');
});

test('keys that come together with the filter are its text, not commands', () => {
	const state = type(start(makeIncident()), '/qs');
	expect(state.options.filter).toBe('qs');
	expect(state.effects).toEqual([]);
});

test('a filter that is no regular expression is told and hides nothing', () => {
	const state = type(start(makeIncident()), '//[');
	expect(state.filter.error).toContain('not a regular expression');
	expect(pids(state).length).toBeGreaterThan(5);
});

test('left and right fold in steps: threads, children, then to the parent', () => {
	const incident = makeIncident();
	let state = start(incident);
	const index = state.rows.findIndex(row => row.kind === 'process' && row.process.pid === 2100);
	state = keys(state, ...Array.from({length: index}, () => 'j'));
	const rows = state.rows.length;
	state = keys(state, 'left');
	expect(state.rows).toHaveLength(rows - 2);
	expect(selectedPid(state)).toBe(2100);
	state = keys(state, '-');
	expect(selectedPid(state)).toBe(2000);
	state = keys(state, 'left');
	expect(selectedRow(state)).toMatchObject({hiddenProcesses: 1});
	state = keys(state, '+');
	expect(selectedRow(state)).toMatchObject({hiddenProcesses: 0});
});

test('right opens a group of threads and left closes it', () => {
	let state = start(makeIncident());
	const rows = state.rows.length;
	const index = state.rows.findIndex(({kind}) => kind === 'group');
	state = keys(state, ...Array.from({length: index}, () => 'j'), 'right');
	expect(state.rows).toHaveLength(rows + 44);
	expect(selectedRow(state)?.kind).toBe('group');
	expect(keys(state, 'left').rows).toHaveLength(rows);
});

test('an open group stays open when its numbers change', () => {
	let state = start(makeIncident());
	const index = state.rows.findIndex(({kind}) => kind === 'group');
	state = keys(state, ...Array.from({length: index}, () => 'j'), 'right');
	const rows = state.rows.length;
	expect(reduce(state, {type: 'snapshot', snapshot: makeIncident()}).rows).toHaveLength(rows);
});

test('the star folds every tree to its top, and again unfolds all', () => {
	const state = keys(start(makeIncident()), '*');
	expect(state.rows.every(row => row.kind !== 'process' || row.hiddenProcesses === 0)).toBe(true);
	expect(pids(state)).toContain(4);
	const folded = keys(state, '*');
	expect(pids(folded)).not.toContain(901);
	expect(pids(folded)).not.toContain(4);
});

test('H goes through the modes of threads, t and K switch', () => {
	const state = start(makeIncident());
	const modes = ['H', 'H', 'H'].reduce<{state: ViewState; seen: string[]}>(
		({state: current, seen}, key) => {
			const next = keys(current, key);
			return {state: next, seen: [...seen, next.options.threads]};
		},
		{state, seen: []},
	).seen;
	expect(modes).toEqual(['all', 'none', 'contended']);
	expect(keys(state, 't').options.tree).toBe(false);
	expect(pids(keys(state, 'K'))).not.toContain(2);
});

test('a digit explains that finding and selects its process; Esc leads back and never out', () => {
	let state = keys(start(makeIncident()), '2');
	expect(state.page).toBe('findings');
	expect(selectedPid(state)).toBe(3310);
	expect(state.scroll).toBeGreaterThan(0);
	state = keys(state, 'escape');
	expect(state.page).toBe('table');
	expect(keys(state, 'escape', 'escape').effects).toEqual([]);
	expect(keys(start(makeIncident()), '9').page).toBe('table');
});

test('Tab goes to the panel where there is one, else to the page of findings', () => {
	expect(keys(start(makeIncident()), 'tab').page).toBe('findings');
	const wide = reduce(start(makeIncident()), {type: 'resize', size: {columns: 120, rows: 20}});
	const panel = keys(wide, 'tab');
	expect(panel.focus).toBe('panel');
	expect(keys(panel, 'j', 'j').scroll).toBe(2);
	expect(keys(panel, 'end').scroll).toBe(keys(panel, 'end', 'j').scroll);
	expect(keys(panel, 'shift+tab').focus).toBe('table');
	expect(keys(panel, 'j').cursor).toBe(panel.cursor);
});

test('the interval is asked for and checked', () => {
	const state = keys(start(makeIncident()), 'd');
	expect(keys(type(state, '500ms'), 'enter').effects).toEqual([
		{id: 1, kind: 'interval', seconds: 0.5},
	]);
	expect(keys(type(state, '99'), 'enter').message).toMatchObject({isError: true});
	expect(keys(type(state, '5'), 'escape').effects).toEqual([]);
	expect(keys(start(makeIncident(), 'replay'), 'd').prompt).toBeUndefined();
});

test.each([
	['1', 1],
	['0.1', 0.1],
	['.5', 0.5],
	['60s', 60],
	['250ms', 0.25],
	['0.05', undefined],
	['61', undefined],
	['', undefined],
	['1e1', undefined],
	['-1', undefined],
])('%s as an interval is %s', (text, seconds) => {
	expect(parseInterval(text)).toBe(seconds);
});

test('a message goes when its own time is over, not when that of an older one is', () => {
	const first = reduce(start(), {type: 'message', text: 'a', isError: false});
	const second = reduce(first, {type: 'message', text: 'b', isError: false});
	expect(reduce(second, {type: 'message-over', id: first.message!.id}).message?.text).toBe('b');
	expect(reduce(second, {type: 'message-over', id: second.message!.id}).message).toBeUndefined();
});

test('keys without a meaning change nothing', () => {
	const state = start(makeIncident());
	expect(keys(state, 'x', 'ctrl+x', 'alt+j')).toBe(state);
});

test('the rows are not built anew for a key that does not change them', () => {
	const state = start(makeIncident());
	expect(keys(state, 'j', '?', 'escape', 'e').rows).toBe(state.rows);
});
