import type {Probe} from '../model/probe.js';
import {pageRows} from './page.js';
import {withPage} from './page-commands.js';
import {probeBodyHeight} from './probe-text.js';
import {
	flameKey,
	freshFlame,
	otherSeconds,
	type ProbeView,
	probeTabs,
	showProbe,
	treeOf,
} from './probe-view.js';
import {selectedRow, type ViewState, withEffect, withMessage} from './view-state.js';

const withProbe = (state: ViewState, probe: ProbeView | undefined): ViewState => ({
	...state,
	probe,
});

/** `i`: asks whether to look at the selected process closely, or opens what a saved file has of it. */
export const openProbe = (state: ViewState): ViewState => {
	const row = selectedRow(state);
	const pid = row?.process.pid;
	const known =
		state.probes.findLast(probe => probe.pid === pid) ??
		(state.kind === 'replay' ? state.probes.at(-1) : undefined);
	if (state.kind === 'replay') {
		return known
			? withProbe(withPage(state, 'probe'), showProbe(known))
			: withMessage(state, 'this file has no probe in it', true);
	}

	if (row === undefined || pid === undefined) {
		return state;
	}

	const {name, threadCount, kernelThread} = row.process;
	return kernelThread
		? withMessage(state, `${pid} is a thread of the kernel: there is nothing to probe`, true)
		: withProbe(withPage(state, 'probe'), {
				phase: 'asked',
				pid,
				name,
				threads: threadCount,
				seconds: state.probing.seconds,
			});
};

const close = (state: ViewState): ViewState => {
	const closed = withProbe(withPage(state, 'table'), undefined);
	return state.probe?.phase === 'running' ? withEffect(closed, {kind: 'stop-probe'}) : closed;
};

const start = (state: ViewState, {pid, name, threads, seconds}: ProbeView): ViewState =>
	withEffect(
		withProbe(state, {pid, name, threads, seconds, phase: 'running', share: 0, what: 'waits'}),
		{kind: 'probe', pid, seconds},
	);

const scrolled = (state: ViewState, by: number): ViewState => {
	const most = Math.max(0, probeBodyHeight(state) - pageRows(state.size) + 1);
	return {...state, scroll: Math.max(0, Math.min(most, state.scroll + by))};
};

const steps = ({size}: ViewState): Readonly<Record<string, number>> => {
	const page = Math.max(1, pageRows(size) - 2);
	return {
		up: -1,
		k: -1,
		down: 1,
		j: 1,
		'page-up': -page,
		'ctrl+b': -page,
		'page-down': page,
		'ctrl+f': page,
		home: Number.NEGATIVE_INFINITY,
		g: Number.NEGATIVE_INFINITY,
		end: Number.POSITIVE_INFINITY,
		G: Number.POSITIVE_INFINITY,
	};
};

const shownKey = (
	state: ViewState,
	view: ProbeView & {phase: 'shown'},
	key: string,
): ViewState | undefined => {
	const turn = {tab: 1, 'shift+tab': -1}[key];
	const number = /^[1-9]$/.test(key) ? probeTabs[Number(key) - 1] : undefined;
	const tab =
		turn === undefined
			? number
			: probeTabs[(probeTabs.indexOf(view.tab) + turn + probeTabs.length) % probeTabs.length];
	if (tab !== undefined) {
		return withProbe({...state, scroll: 0}, {...view, tab, flame: freshFlame});
	}

	const tree = treeOf(view.probe, view.tab);
	if (tree) {
		if (key === '/') {
			return {...state, prompt: {kind: 'probe-search', text: view.flame.search}};
		}

		const flame = flameKey(tree, view.flame, key);
		if (flame) {
			return withProbe(state, {...view, flame});
		}
	}

	const by = steps(state)[key];
	return by === undefined ? undefined : scrolled(state, by);
};

const askedKey = (state: ViewState, view: ProbeView, key: string): ViewState | undefined => {
	switch (key) {
		case 'enter':
		case 'y':
			return start(state, view);
		case '+':
		case 'right':
		case '-':
		case 'left': {
			const seconds = otherSeconds(view.seconds, key === '+' || key === 'right' ? 1 : -1);
			const probing = {...state.probing, seconds};
			return withProbe({...state, probing}, {...view, seconds});
		}

		default:
			return undefined;
	}
};

/** What a key does on the page of a probe; undefined when it does there what it does everywhere. */
export const probeKey = (state: ViewState, key: string): ViewState | undefined => {
	const view = state.probe;
	if (view === undefined) {
		return undefined;
	}

	if (key === 'escape' || key === 'i') {
		return close(state);
	}

	if (view.phase === 'asked') {
		return askedKey(state, view, key);
	}

	return view.phase === 'shown' ? shownKey(state, view, key) : undefined;
};

/** Looks for a text in the flame graph that is shown. */
export const searchFlame = (state: ViewState, search: string): ViewState =>
	state.probe?.phase === 'shown'
		? withProbe(state, {...state.probe, flame: {...state.probe.flame, search}})
		: state;

export const withProgress = (state: ViewState, share: number, what: string): ViewState =>
	state.probe?.phase === 'running' ? withProbe(state, {...state.probe, share, what}) : state;

/** A probe is done: it is kept, and shown if somebody waits for it. */
export const withResult = (state: ViewState, probe: Probe): ViewState => {
	const kept = {...state, probes: [...state.probes, probe]};
	return state.probe?.phase === 'running' && state.probe.pid === probe.pid
		? {...withProbe(kept, showProbe(probe)), scroll: 0}
		: kept;
};

/** It could not be made; the page closes, and the reason stands below the table. */
export const withFailure = (state: ViewState, reason: string): ViewState =>
	withMessage(
		state.page === 'probe' ? withProbe(withPage(state, 'table'), undefined) : state,
		reason,
		true,
	);
