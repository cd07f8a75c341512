import type {Snapshot} from '../model/snapshot.js';
import {settle, type ViewState, withEffect, withMessage} from './view-state.js';

const single = 'one moment only: record keeps many';

const goLive = (state: ViewState): ViewState =>
	settle({...state, frozen: false, shown: state.live}, state);

/** Live: stops the screen, or goes on. In a recording: plays, or pauses. */
export const freeze = (state: ViewState): ViewState => {
	if (state.kind === 'live') {
		return state.frozen ? goLive(state) : {...state, frozen: state.shown !== undefined};
	}

	return state.position === undefined
		? withMessage(state, single, true)
		: withEffect(state, {kind: 'play'});
};

/** Moments that have rates; the first of a watch has none. */
const rated = (moments: readonly Snapshot[]): readonly Snapshot[] =>
	moments.filter(({intervalSeconds}) => intervalSeconds !== undefined);

const show = (state: ViewState, snapshot: Snapshot): ViewState =>
	settle({...state, frozen: true, shown: snapshot}, state);

/** So many moments on, or back: of the last minute, which freezes the screen, or of the recording. */
export const step = (state: ViewState, by: number): ViewState => {
	if (state.position !== undefined) {
		return withEffect(state, {kind: 'step', by});
	}

	const {shown, kind} = state;
	if (kind === 'replay' || shown === undefined) {
		return withMessage(state, single, true);
	}

	const moments = rated(state.moments);
	const earlier = moments.filter(each => each.observedSeconds < shown.observedSeconds);
	const later = moments.filter(each => each.observedSeconds > shown.observedSeconds);
	const target = by < 0 ? (earlier.at(by) ?? earlier[0]) : (later[by - 1] ?? later.at(-1));
	if (target === undefined) {
		return withMessage(state, by < 0 ? 'nothing earlier is kept' : 'this is the newest', true);
	}

	return show(state, target);
};

const opensFinding = (before: Snapshot | undefined, after: Snapshot): boolean =>
	after.findings.some(
		({rule, pid}) => !before?.findings.some(known => known.rule === rule && known.pid === pid),
	);

/** To where the next finding appeared. */
export const toNextFinding = (state: ViewState): ViewState => {
	const {position, shown, kind} = state;
	if (position !== undefined) {
		return withEffect(state, {kind: 'next-finding'});
	}

	if (kind === 'replay') {
		return withMessage(state, single, true);
	}

	const moments = rated(state.moments);
	const found = moments.find(
		(moment, index) =>
			moment.observedSeconds > (state.frozen ? (shown?.observedSeconds ?? 0) : -1) &&
			opensFinding(moments[index - 1], moment),
	);
	return found === undefined
		? withMessage(state, 'no further finding in the last minute', true)
		: show(state, found);
};

/** How fast a recording plays. */
export const changeSpeed = (state: ViewState, by: number): ViewState =>
	state.position === undefined
		? withMessage(state, 'only a recording has a speed', true)
		: withEffect(state, {kind: 'speed', by});

/** Compares all rates with those of the shown moment from now on, or with none. */
export const setBaseline = (state: ViewState, baseline: Snapshot | undefined): ViewState =>
	baseline === undefined && state.shown === undefined
		? withMessage(state, 'nothing to compare with yet', true)
		: {...state, baseline};

/** Keeps the shown moment. */
export const save = (state: ViewState, how: {note?: string; redact?: boolean} = {}): ViewState =>
	state.shown === undefined
		? withMessage(state, 'nothing to save yet', true)
		: withEffect(state, {
				kind: 'save',
				snapshot: state.probes.length === 0 ? state.shown : {...state.shown, probes: state.probes},
				before: state.moments,
				redact: how.redact ?? false,
				...(how.note !== undefined && how.note !== '' && {note: how.note}),
			});
