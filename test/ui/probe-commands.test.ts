import {expect, test} from 'vitest';
import {defaultViewOptions} from '../../source/format/view-options.js';
import {type Action, reduce} from '../../source/ui/reduce.js';
import {screenLines} from '../../source/ui/screen-lines.js';
import {makeTheme} from '../../source/ui/theme.js';
import {initialState, type ViewState} from '../../source/ui/view-state.js';
import {sampleProbe} from '../format/probe/sample-probe.js';
import {makeProcess, makeSnapshot} from '../helpers/snapshot.js';

const size = {columns: 80, rows: 24};
const snapshot = makeSnapshot({processes: [makeProcess({pid: 4711, name: 'gunicorn'})]});
const theme = makeTheme(false, true);
const apply = (state: ViewState, ...actions: readonly Action[]): ViewState =>
	actions.reduce(reduce, state);
const keys = (...names: readonly string[]): Action => ({type: 'keys', keys: names});
const text = (state: ViewState): string => screenLines(state, theme).join('\n');
const start = (kind: ViewState['kind'] = 'live', shown = snapshot): ViewState =>
	apply(initialState(kind, defaultViewOptions, size), {type: 'snapshot', snapshot: shown});
const shown = (): ViewState =>
	apply(start(), keys('i', 'enter'), {type: 'probe-done', probe: sampleProbe});

test('says what it does and costs, and begins only after Enter', () => {
	const asked = apply(start(), keys('i'));
	expect(text(asked)).toContain('stops nothing');
	expect(text(asked)).toContain('Enter begin');
	expect(asked.effects).toEqual([]);
	expect(apply(asked, keys('escape')).page).toBe('table');
	expect(apply(asked, keys('enter')).effects).toMatchObject([
		{kind: 'probe', pid: 4711, seconds: 5},
	]);
});

test('looks for as long as was asked for on the command line, or with + and -, and remembers it', () => {
	const begun = apply(
		initialState('live', defaultViewOptions, size, {seconds: 8, perf: true}),
		{type: 'snapshot', snapshot},
		keys('i'),
	);
	expect(text(begun)).toContain('for 8 s');
	expect(text(begun)).toContain('perf record');
	const longer = apply(begun, keys('+', '+', '-'));
	expect(text(longer)).toContain('for 10 s');
	expect(apply(longer, keys('enter')).effects).toMatchObject([{kind: 'probe', seconds: 10}]);
	expect(text(apply(longer, keys('escape', 'i')))).toContain('for 10 s');
	expect(text(apply(begun, keys('-', '-', '-', '-', '-')))).toContain('for 1 s');
});

test('speaks of perf only where it is installed', () => {
	expect(text(apply(start(), keys('i')))).not.toContain('perf');
});

test('shows how far it is, and Esc ends it', () => {
	const running = apply(start(), keys('i', 'enter'), {
		type: 'probe-progress',
		share: 0.4,
		what: 'waits',
	});
	expect(text(running)).toContain('2.0 of 5 s');
	expect(apply(running, keys('escape')).effects.at(-1)).toMatchObject({kind: 'stop-probe'});
});

test('the result has pages of its own', () => {
	expect(text(shown())).toContain('[1 calls]');
	expect(text(shown())).toContain('poll');
	expect(text(apply(shown(), keys('2')))).toContain('20 threads worker');
	expect(text(apply(shown(), keys('tab', 'tab')))).toContain('|all waits');
	expect(text(apply(shown(), keys('5')))).toContain('Timeline');
	expect(text(apply(shown(), keys('4')))).toContain('no CPU profile');
});

test('in a flame graph arrows select, Enter zooms, / searches and 0 resets', () => {
	const graph = apply(shown(), keys('3', 'down', 'down', 'right'));
	expect(text(graph)).toContain('work (application) 4.00 s 20.0%');
	const zoomed = apply(graph, keys('enter'));
	expect(text(zoomed)).not.toContain('|fetch');
	expect(text(apply(zoomed, keys('0')))).toContain('|fetch');
	const searched = apply(shown(), keys('3', '/', 'p', 'o', 'l', 'l', 'enter'));
	expect(text(searched)).toContain('*poll: 80.0%');
});

test('is kept when the moment is saved, and opened again from the file', () => {
	const saving = apply(shown(), keys('s')).effects.at(-1);
	expect(saving).toMatchObject({kind: 'save', snapshot: {probes: [{pid: 4711}]}});
	const replayed = apply(start('replay', {...snapshot, probes: [sampleProbe]}), keys('i'));
	expect(text(replayed)).toContain('[1 calls]');
	expect(text(apply(start('replay'), keys('i')))).toContain('this file has no probe in it');
});

test('a failure closes the page and says why', () => {
	const failed = apply(start(), keys('i', 'enter'), {
		type: 'probe-failed',
		reason: 'no process 4711',
	});
	expect(failed.page).toBe('table');
	expect(text(failed)).toContain('no process 4711');
});
