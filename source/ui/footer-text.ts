import {fitParts} from '../format/fit-parts.js';
import {printable} from '../format/printable.js';
import {truncateWithMark} from '../format/text-width.js';
import {keymap} from './keymap.js';
import {probeKeys} from './probe-text.js';
import type {Theme} from './theme.js';
import type {Prompt, ViewState} from './view-state.js';

const promptHelp: Readonly<Record<Prompt['kind'], string>> = {
	filter: 'word !word /regex/ user: pid: state:D wchan:futex csw>1000   Enter keep  Esc clear',
	interval: 'seconds from 0.1 to 60   Enter set  Esc cancel',
	'probe-search': 'part of a name in the flame graph   Enter keep  Esc clear',
	note: 'what happened, for whoever opens it   Enter save  Esc cancel',
};

const promptTitle: Readonly<Record<Prompt['kind'], string>> = {
	filter: 'filter: ',
	interval: 'interval: ',
	note: 'note: ',
	'probe-search': 'search: ',
};

const promptLine = ({kind, text}: Prompt, error: string | undefined, width: number): string =>
	fitParts(
		[
			{text: `${promptTitle[kind]}${printable(text)}_`, priority: 0},
			{text: error === undefined ? '' : printable(error), priority: 1},
			{text: promptHelp[kind], priority: 2},
		],
		width,
	);

const keysLine = (width: number): string =>
	fitParts(
		keymap.flatMap(({footer}) =>
			footer === undefined
				? []
				: [{text: `${footer.label} ${footer.text}`, priority: footer.priority}],
		),
		width,
	);

const pageKeysLine = ({page, kind}: ViewState, width: number): string =>
	fitParts(
		[
			{text: 'Esc back', priority: 0},
			{text: 'Up Down PgUp PgDn scroll', priority: 1},
			{text: page === 'findings' ? 'Enter what it means' : '', priority: 3},
			{text: page === 'detail' && kind === 'live' ? 'Space freeze' : '', priority: 4},
			{text: page === 'detail' ? '[ ] step' : '', priority: 5},
			{text: page === 'detail' && kind === 'live' ? 'T timeline' : '', priority: 3},
			{text: '1-9 finding', priority: 3},
			{text: 'q quit', priority: 2},
		],
		width,
	);

/** The last line: what is being typed, else what just happened, else the keys. */
export const footerLine = (state: ViewState, theme: Theme): string => {
	const {prompt, message, page, size, filter} = state;
	const width = size.columns;
	if (prompt !== undefined) {
		return theme.paint('prompt', promptLine(prompt, filter.error, width));
	}

	if (message !== undefined) {
		const text = truncateWithMark(printable(message.text), width);
		return theme.paint(message.isError ? 'error' : 'live', text);
	}

	if (page === 'probe') {
		return theme.paint('muted', fitParts(probeKeys(state), width));
	}

	return theme.paint('muted', page === 'table' ? keysLine(width) : pageKeysLine(state, width));
};
