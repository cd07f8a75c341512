import {subjectIn} from '../format/detail/subject.js';
import {columnPageHeight} from './column-page.js';
import {detailPage} from './detail-text.js';
import {explanationPage} from './explanation-text.js';
import {findingsText} from './findings-text.js';
import {helpLines} from './help-text.js';
import {pageRows} from './page.js';
import {preflightText} from './preflight-text.js';
import {freeze} from './time-commands.js';
import {selectedRow, settle, type ViewState, withMessage, withOptionsHere} from './view-state.js';

/** Last line that a page or the panel may begin with. */
export const scrollLimit = (state: ViewState): number => {
	const {page, shown, size, layout} = state;
	const room = pageRows(size);
	if (page === 'help') {
		return Math.max(0, helpLines(size).length - room);
	}

	if (page === 'preflight') {
		return Math.max(0, preflightText(state.checks, size.columns).length - room);
	}

	if (page === 'detail') {
		return Math.max(0, columnPageHeight(detailPage(state, false)) - room);
	}

	if (page === 'explanation') {
		return Math.max(0, columnPageHeight(explanationPage(state)) - room);
	}

	if (shown === undefined) {
		return 0;
	}

	if (page === 'table') {
		const {lines, starts} = findingsText(shown, layout.panelColumns, 'brief');
		return Math.max(0, lines.length - layout.tableRows, starts.at(-1) ?? 0);
	}

	const {lines, starts} = findingsText(shown, size.columns, 'full');
	return Math.max(0, lines.length - room, starts.at(-1) ?? 0);
};

export const withPage = (state: ViewState, page: ViewState['page'], scroll = 0): ViewState => ({
	...state,
	page,
	scroll,
	focus: 'table',
});

/** The findings in full, beginning with one of them; its process is selected in the table. */
export const explain = (state: ViewState, number: number): ViewState => {
	const finding = state.shown?.findings[number - 1];
	if (state.shown === undefined || finding === undefined) {
		return state;
	}

	const index = state.rows.findIndex(
		row => row.kind === 'process' && row.process.pid === finding.pid,
	);
	const placed = index === -1 ? state : settle({...state, cursor: index}, state);
	const {starts} = findingsText(state.shown, state.size.columns, 'full');
	return withPage(placed, 'findings', starts[number - 1] ?? 0);
};

export const toggleFindings = (state: ViewState): ViewState => {
	if (state.page === 'findings') {
		return withPage(state, 'table');
	}

	const row = selectedRow(state);
	const number = row?.kind === 'process' ? row.findings[0] : undefined;
	return number === undefined ? withPage(state, 'findings') : explain(state, number);
};

/** The finding that begins at or above the first line shown, of a text whose findings begin at `starts`. */
const findingAt = (starts: readonly number[], scroll: number): number =>
	Math.max(
		0,
		starts.findLastIndex(start => start <= scroll),
	);

/** The page of a finding's rule beside its evidence. */
const openExplanation = (state: ViewState, index: number): ViewState => {
	const finding = state.shown?.findings[index];
	return finding === undefined
		? state
		: {
				...withPage(state, 'explanation'),
				explained: {finding, number: index + 1},
				returnTo: state.page === 'findings' ? 'findings' : 'table',
			};
};

const openDetail = (state: ViewState): ViewState => {
	const row = selectedRow(state);
	if (row === undefined) {
		return state;
	}

	const {pid, startTimeTicks} = row.process;
	const tids =
		row.kind === 'thread'
			? [row.thread.tid]
			: row.kind === 'group'
				? row.group.threads.map(({tid}) => tid)
				: [];
	return {
		...withPage(state, 'detail'),
		subject: {pid, startTimeTicks, tids},
		returnTo: 'table',
	};
};

/** Process that a timeline is wanted of; undefined where none is. */
export const timelinePid = ({page, subject, timeline, live}: ViewState): number | undefined => {
	if (page !== 'detail' || subject === undefined || timeline === false) {
		return undefined;
	}

	const {locks, runtime} = (live && subjectIn(live, subject)) ?? {};
	const isContended = (locks ?? []).length > 0 || (runtime?.gil?.waiters ?? 0) > 0;
	return timeline === true || isContended ? subject.pid : undefined;
};

/** Shows the timeline of the detail's lock, or takes it away; from the table it opens the row's detail with it. */
export const toggleTimeline = (state: ViewState): ViewState => {
	if (state.kind === 'replay') {
		return withMessage(
			state,
			'a timeline is made of the live machine; a saved moment shows its own',
			true,
		);
	}

	if (state.page === 'detail') {
		return {...state, timeline: timelinePid(state) === undefined, scroll: 0};
	}

	return state.page === 'table' ? {...openDetail(state), timeline: true} : state;
};

/** Back from a page that was opened from another one. */
const leave = (state: ViewState): ViewState => ({
	...withPage(state, state.returnTo),
	subject: undefined,
	timeline: undefined,
	explained: undefined,
	returnTo: 'table',
});

/**
Opens what is looked at: the row's detail, or the explanation of the finding at the top of the panel or of the page of findings. On a page
that was opened so, the same key closes it.
*/
export const open = (state: ViewState): ViewState => {
	const {page, focus, shown, layout, size, scroll} = state;
	if (page === 'detail' || page === 'explanation') {
		return leave(state);
	}

	if (page === 'findings' && shown !== undefined) {
		const {starts} = findingsText(shown, size.columns, 'full');
		return openExplanation(state, findingAt(starts, scroll));
	}

	if (page !== 'table') {
		return state;
	}

	if (focus === 'panel' && shown !== undefined) {
		const {starts} = findingsText(shown, layout.panelColumns, 'brief');
		return openExplanation(state, findingAt(starts, scroll));
	}

	return openDetail(state);
};

export const switchFocus = (state: ViewState): ViewState => {
	if (state.page !== 'table' || state.layout.kind !== 'panel') {
		return toggleFindings(state);
	}

	return {...state, focus: state.focus === 'table' ? 'panel' : 'table', scroll: 0};
};

/** One step back, whatever was opened last; never out of the program. */
export const back = (state: ViewState): ViewState => {
	if (state.page === 'explanation' || state.page === 'detail') {
		return leave(state);
	}

	if (state.page !== 'table') {
		return withPage(state, 'table');
	}

	if (state.focus === 'panel') {
		return {...state, focus: 'table', scroll: 0};
	}

	if (state.options.filter !== '') {
		return withOptionsHere(state, {filter: ''});
	}

	if (state.following !== undefined) {
		return {...state, following: undefined};
	}

	return state.frozen ? freeze(state) : state;
};
