import type {SortKey, ThreadsMode} from '../format/view-options.js';
import type {Check} from '../model/preflight.js';
import type {Probe} from '../model/probe.js';
import type {Snapshot} from '../model/snapshot.js';
import {fold, foldAll, unfold} from './fold-commands.js';
import {withMoment} from './kept-moments.js';
import {type Command, commandOf} from './keymap.js';
import type {Size} from './layout.js';
import type {Position} from './live-source.js';
import {pageRows} from './page.js';
import {
	back,
	explain,
	open,
	scrollLimit,
	switchFocus,
	toggleFindings,
	toggleTimeline,
	withPage,
} from './page-commands.js';
import {openProbe, probeKey, withFailure, withProgress, withResult} from './probe-commands.js';
import {promptKey} from './prompt-keys.js';
import {changeSpeed, freeze, save, setBaseline, step, toNextFinding} from './time-commands.js';
import {
	selectedRow,
	settle,
	type ViewState,
	withEffect,
	withMessage,
	withOptions,
	withOptionsHere,
} from './view-state.js';

export type Action =
	| {type: 'snapshot'; snapshot: Snapshot; position?: Position | undefined}
	| {type: 'checks'; checks: readonly Check[]}
	| {type: 'resize'; size: Size}
	| {type: 'keys'; keys: readonly string[]}
	| {type: 'message'; text: string; isError: boolean}
	| {type: 'message-over'; id: number}
	| {type: 'probe-progress'; share: number; what: string}
	| {type: 'probe-done'; probe: Probe}
	| {type: 'probe-failed'; reason: string}
	| {type: 'repaint'};

const sortBy = (state: ViewState, sort: SortKey): ViewState =>
	withOptions(state, {
		sort,
		inverted: state.options.sort === sort ? !state.options.inverted : false,
	});

const nextThreadsMode: Readonly<Record<ThreadsMode, ThreadsMode>> = {
	contended: 'all',
	all: 'none',
	none: 'contended',
};

/** A mode speaks for all processes, so that threads shown or hidden one by one follow it again. */
const cycleThreads = (state: ViewState): ViewState =>
	withOptionsHere(state, {
		threads: nextThreadsMode[state.options.threads],
		levels: new Map([...state.options.levels].filter(([, level]) => level === 'folded')),
	});

const scrollBy = (state: ViewState, lines: number): ViewState => ({
	...state,
	scroll: Math.max(0, Math.min(state.scroll + lines, scrollLimit(state))),
});

const move = (state: ViewState, lines: number): ViewState => {
	if (state.page !== 'table' || state.focus === 'panel') {
		return scrollBy(state, lines);
	}

	const last = Math.max(0, state.rows.length - 1);
	const cursor = Math.max(0, Math.min(state.cursor + lines, last));
	return settle({...state, cursor, following: undefined}, state);
};

const pageStep = (state: ViewState): number =>
	Math.max(1, (state.page === 'table' ? state.layout.tableRows : pageRows(state.size)) - 1);

const follow = (state: ViewState): ViewState => ({
	...state,
	following: state.following === undefined ? selectedRow(state)?.key : undefined,
});

const commands: Readonly<Record<Command, (state: ViewState, key: string) => ViewState>> = {
	up: state => move(state, -1),
	down: state => move(state, 1),
	'page-up': state => move(state, -pageStep(state)),
	'page-down': state => move(state, pageStep(state)),
	first: state => move(state, Number.NEGATIVE_INFINITY),
	last: state => move(state, Number.POSITIVE_INFINITY),
	'sort-switches': state => sortBy(state, 'switches'),
	'sort-voluntary': state => sortBy(state, 'voluntary'),
	'sort-involuntary': state => sortBy(state, 'involuntary'),
	'sort-wait': state => sortBy(state, 'run-queue-wait'),
	'sort-cpu': state => sortBy(state, 'cpu'),
	'sort-pid': state => sortBy(state, 'pid'),
	invert: state => withOptions(state, {inverted: !state.options.inverted}),
	tree: state => withOptionsHere(state, {tree: !state.options.tree}),
	threads: cycleThreads,
	'kernel-threads': state => withOptionsHere(state, {kernelThreads: !state.options.kernelThreads}),
	fold,
	unfold,
	'fold-all': foldAll,
	open,
	timeline: toggleTimeline,
	filter: state => ({
		...withPage(state, 'table'),
		prompt: {kind: 'filter', text: state.options.filter},
	}),
	follow,
	freeze,
	'step-back': state => step(state, -1),
	'step-on': state => step(state, 1),
	'ten-back': state => step(state, -10),
	'ten-on': state => step(state, 10),
	'next-finding': toNextFinding,
	slower: state => changeSpeed(state, -1),
	faster: state => changeSpeed(state, 1),
	baseline: state => setBaseline(state, state.shown),
	'no-baseline': state => setBaseline(state, undefined),
	save: state => save(state),
	'save-redacted': state => save(state, {redact: true}),
	'save-with-note': state =>
		state.shown === undefined ? save(state) : {...state, prompt: {kind: 'note', text: ''}},
	findings: toggleFindings,
	finding: (state, key) => explain(state, Number(key)),
	'switch-focus': switchFocus,
	preflight: state =>
		state.kind === 'live'
			? withPage(state, state.page === 'preflight' ? 'table' : 'preflight')
			: withMessage(state, 'the checks are of the live machine, not of a file', true),
	interval: state =>
		state.kind === 'live'
			? {...state, prompt: {kind: 'interval', text: ''}}
			: withMessage(state, 'a replay has no interval', true),
	probe: openProbe,
	help: state => withPage(state, state.page === 'help' ? 'table' : 'help'),
	back,
	repaint: state => withEffect(state, {kind: 'repaint'}),
	suspend: state => withEffect(state, {kind: 'suspend'}),
	quit: state => withEffect(state, {kind: 'quit'}),
};

const pressKey = (state: ViewState, key: string): ViewState => {
	if (state.prompt !== undefined) {
		return promptKey(state, state.prompt, key);
	}

	const onPage = state.page === 'probe' ? probeKey(state, key) : undefined;
	if (onPage !== undefined) {
		return onPage;
	}

	const command = commandOf(key);
	return command === undefined ? state : commands[command](state, key);
};

const withSnapshot = (
	state: ViewState,
	snapshot: Snapshot,
	position: Position | undefined,
): ViewState => {
	const moments =
		state.kind === 'live' ? withMoment(state.moments, snapshot, state.frozen) : state.moments;
	const past = state.kind === 'live' ? moments : withMoment(state.past, snapshot, false);
	// Of a file those that it holds; live, those that were made here.
	const probes = state.kind === 'replay' ? (snapshot.probes ?? []) : state.probes;
	const next = {...state, live: snapshot, moments, past, position, probes};
	return state.frozen ? next : settle({...next, shown: snapshot}, state);
};

/** The screen's only way from one state to the next. */
export const reduce = (state: ViewState, action: Action): ViewState => {
	switch (action.type) {
		case 'snapshot':
			return withSnapshot(state, action.snapshot, action.position);
		case 'checks':
			return {...state, checks: action.checks};
		case 'resize':
			return settle({...state, size: action.size}, state);
		case 'keys':
			return action.keys.reduce(pressKey, state);
		case 'message':
			return withMessage(state, action.text, action.isError);
		case 'message-over':
			return state.message?.id === action.id ? {...state, message: undefined} : state;
		case 'probe-progress':
			return withProgress(state, action.share, action.what);
		case 'probe-done':
			return withResult(state, action.probe);
		case 'probe-failed':
			return withFailure(state, action.reason);
		case 'repaint':
			return {...state, repaints: state.repaints + 1};
	}
};
