import {formatClock, formatDuration} from '../format/duration.js';
import {fitParts, type Part} from '../format/fit-parts.js';
import {activityParts, machineParts, samplingParts} from '../format/header.js';
import {formatPlainNumber} from '../format/number.js';
import {printable} from '../format/printable.js';
import {countBySeverity} from '../format/severity.js';
import {viewParts} from '../format/view-text.js';
import type {Snapshot} from '../model/snapshot.js';
import type {Position} from './live-source.js';
import type {Theme} from './theme.js';
import type {ViewState} from './view-state.js';

const positionText = ({index, count, isPlaying, speed, note}: Position): string => {
	const pace = isPlaying ? `playing x${speed}` : 'paused';
	return `${index + 1}/${count} ${note ?? pace}`;
};

/** Whether what is shown is live, and of when. */
export const statusText = ({kind, shown, live, frozen, position}: ViewState): string => {
	if (shown === undefined) {
		return 'WAITING';
	}

	const clock = formatClock(shown.takenAt);
	if (frozen) {
		const age = (live?.observedSeconds ?? 0) - shown.observedSeconds;
		return `FROZEN ${formatDuration(Math.max(0, age))} ago ${clock}`;
	}

	if (kind === 'replay') {
		return position === undefined ? `REPLAY ${clock}` : `REPLAY ${positionText(position)} ${clock}`;
	}

	return `LIVE ${clock}`;
};

/** By what factor all switches of the machine differ, and from when on. */
const baselineText = (shown: Snapshot, baseline: Snapshot): string => {
	const [after, before] = [shown, baseline].map(({system}) => system.contextSwitchesPerSecond);
	const factor = before && after !== undefined ? `csw x${formatPlainNumber(after / before)}, ` : '';
	return `${factor}xBASE against ${formatClock(baseline.takenAt)}`;
};

const viewLine = (state: ViewState, shown: Snapshot, width: number): string =>
	fitParts(
		[
			...viewParts(state.options, state.filter.error),
			{text: state.following === undefined ? '' : 'following', priority: 1},
			{
				text: state.baseline === undefined ? '' : baselineText(shown, state.baseline),
				priority: 1,
			},
			{text: shown.note === undefined ? '' : `note: ${printable(shown.note)}`, priority: 2},
			...samplingParts(shown),
		],
		width,
	);

/** What must be said even where the header has one line: that not everything is shown. */
const filterPart = ({options, filter}: ViewState): Part[] =>
	options.filter === ''
		? []
		: viewParts({...options, kernelThreads: true}, filter.error).filter(
				({priority}) => priority === 0,
			);

/** The lines above the table, as many as the layout has room for. */
export const headerLines = (state: ViewState, theme: Theme): string[] => {
	const {shown, size, layout, frozen} = state;
	const width = size.columns;
	const status = statusText(state);
	if (shown === undefined) {
		return ['ctop: watching... first rates after one interval', '', ''].slice(0, layout.headerRows);
	}

	const [host, ...machine] = machineParts(shown);
	const isShort = layout.headerRows < 3;
	const first = fitParts([host!, ...(isShort ? filterPart(state) : []), ...machine], width, status);
	const painted = first.endsWith(status)
		? theme.paint('text', first.slice(0, -status.length)) +
			theme.paint(frozen ? 'frozen' : 'live', status)
		: theme.paint('text', first);
	return [
		painted,
		theme.paint('text', fitParts(activityParts(shown), width)),
		theme.paint(state.filter.error === undefined ? 'text' : 'error', viewLine(state, shown, width)),
	].slice(0, layout.headerRows);
};

/** All in one line, for a terminal that has no room for a table. */
export const oneLine = ({shown, size}: ViewState): string => {
	if (shown === undefined) {
		return fitParts([{text: 'ctop: watching...', priority: 0}], size.columns);
	}

	const {system, findings} = shown;
	const rate = system.contextSwitchesPerSecond;
	return fitParts(
		[
			{text: 'ctop', priority: 0},
			...(findings.length === 0 ? ['no finding'] : countBySeverity(findings)).map(
				(text, index) => ({text, priority: index === 0 ? 0 : 2}),
			),
			{text: printable(findings[0]?.title ?? ''), priority: 4},
			{text: rate === undefined ? '' : `csw ${formatPlainNumber(rate)}/s`, priority: 1},
			{text: `run ${system.runnable}`, priority: 3},
		],
		size.columns,
	);
};
