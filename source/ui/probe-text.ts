import type {FindingLine} from '../format/finding.js';
import {type FlameCell, flameCells, foundPercent, nodeAt} from '../format/flame/cells.js';
import type {FlameNode} from '../format/flame/tree.js';
import {printable} from '../format/printable.js';
import {callLines} from '../format/probe/call-lines.js';
import {cpuLines, lockLines, summaryLines} from '../format/probe/probe-lines.js';
import {phaseText, probeAnnouncement, progressBar} from '../format/probe/progress.js';
import {stackLines} from '../format/probe/stack-lines.js';
import {timelineLines} from '../format/probe/timeline-lines.js';
import {truncate} from '../format/text-width.js';
import {wrapWords} from '../format/wrap.js';
import type {FrameKind} from '../model/flame-graph.js';
import {pageRows} from './page.js';
import {type FlameView, type ProbeTab, type ProbeView, probeTabs, treeOf} from './probe-view.js';
import type {Role, Theme} from './theme.js';
import type {ViewState} from './view-state.js';

const tabNames: Readonly<Record<ProbeTab, string>> = {
	calls: 'calls',
	stacks: 'stacks',
	waits: 'waits',
	cpu: 'CPU',
	timeline: 'timeline',
};

const blank: FindingLine = {role: 'text', text: ''};

const wrapped = (text: string, width: number, role: FindingLine['role'] = 'text'): FindingLine[] =>
	wrapWords(printable(text), Math.max(20, width)).map(line => ({role, text: line}));

const questionLines = (
	{pid, name, threads, seconds}: ProbeView,
	perf: boolean,
	width: number,
): FindingLine[] => [
	...probeAnnouncement({
		pid,
		name,
		threads,
		seconds,
		perf,
		strace: false,
	}).flatMap(line => [...wrapped(line, width), blank]),
	...wrapped('Enter begins, + and - change the seconds, Esc leaves it.', width, 'heading'),
];

/** Lines of a tab that is text; undefined for a flame graph. */
const textLines = ({size, probe: view, probing}: ViewState): readonly FindingLine[] | undefined => {
	const width = size.columns;
	if (view === undefined) {
		return [];
	}

	if (view.phase === 'asked') {
		return questionLines(view, probing.perf, width);
	}

	if (view.phase === 'running') {
		return [
			...wrapped(`${view.pid} (${view.name}): ${phaseText(view.what)}`, width),
			{
				role: 'heading',
				text: progressBar(view.share, view.seconds, Math.max(10, Math.min(50, width - 20))),
			},
		];
	}

	const {probe, tab} = view;
	const locks = lockLines(probe, width);
	switch (tab) {
		case 'calls':
			return [
				...summaryLines(probe, width),
				blank,
				...callLines(probe, width),
				blank,
				...locks,
				...(locks.length > 0 ? [blank] : []),
				...cpuLines(probe, width),
			];
		case 'stacks':
			return stackLines(probe, width);
		case 'timeline':
			return timelineLines(probe, width);
		default:
			return treeOf(probe, tab) ? undefined : cpuLines(probe, width);
	}
};

/** Lines that the page has below its title; of a flame graph none that scroll. */
export const probeBodyHeight = (state: ViewState): number => textLines(state)?.length ?? 0;

const kindRoles: Readonly<Record<FrameKind | 'root', Role>> = {
	gil: 'critical',
	lock: 'critical',
	wait: 'fix',
	interpreter: 'command',
	kernel: 'warning',
	library: 'muted',
	thread: 'heading',
	application: 'text',
	root: 'muted',
};

const isSame = (one: readonly number[], other: readonly number[]): boolean =>
	one.length === other.length && one.every((index, at) => index === other[at]);

const matcher = (search: string) => {
	const wanted = search.toLowerCase();
	return (name: string) => wanted !== '' && name.toLowerCase().includes(wanted);
};

const rowText = (
	cells: readonly FlameCell[],
	{selected, search}: FlameView,
	theme: Theme,
): string => {
	const matches = matcher(search);
	let column = 0;
	let text = '';
	for (const cell of cells) {
		text += ' '.repeat(Math.max(0, cell.column - column));
		const role: Role = isSame(cell.path, selected)
			? 'selected'
			: matches(cell.node.name)
				? 'frozen'
				: kindRoles[cell.node.kind];
		// Found frames are told without colours too.
		const body = matches(cell.node.name) && cell.columns > 2 ? `*${cell.text.slice(1)}` : cell.text;
		text += theme.paint(role, body);
		column = cell.column + cell.columns;
	}

	return text;
};

const aboutFrame = (tree: FlameNode, {selected, search}: FlameView, width: number): string => {
	const node = nodeAt(tree, selected) ?? tree;
	const share = tree.value === 0 ? 0 : (node.value / tree.value) * 100;
	const found =
		search === ''
			? ''
			: `  *${printable(search)}: ${foundPercent(tree, matcher(search)).toFixed(1)}%`;
	return truncate(
		`${printable(node.name)} (${node.kind}) ${(node.value / 1000).toFixed(2)} s ${share.toFixed(1)}%${found}`,
		width,
	);
};

/** The graph, its root on top; the selected frame is always among the rows that are shown. */
const flameLines = (
	tree: FlameNode,
	view: FlameView,
	{size}: ViewState,
	theme: Theme,
): string[] => {
	const room = Math.max(1, pageRows(size) - 2);
	const rows = flameCells(tree, view.zoomed, size.columns);
	const depth = view.selected.length - view.zoomed.length;
	const first = Math.max(0, Math.min(depth - room + 1, rows.length - 1));
	return [
		theme.paint('heading', aboutFrame(tree, view, size.columns)),
		...rows.slice(first, first + room).map(cells => rowText(cells, view, theme)),
	];
};

const titleOf = (view: ProbeView | undefined): string => {
	if (view?.phase !== 'shown') {
		return 'probe';
	}

	const tabs = probeTabs
		.map((tab, index) =>
			tab === view.tab ? `[${index + 1} ${tabNames[tab]}]` : `${index + 1} ${tabNames[tab]}`,
		)
		.join('  ');
	return `probe ${view.pid} ${printable(view.name)}  ${tabs}`;
};

/** The page of a probe: the question, the progress, or a part of the result. */
export const probeLinesOnScreen = (state: ViewState, theme: Theme): string[] => {
	const {probe: view, size, scroll} = state;
	const title = theme.paint('title', truncate(titleOf(view), size.columns));
	const lines = textLines(state);
	if (lines === undefined && view?.phase === 'shown') {
		return [title, ...flameLines(treeOf(view.probe, view.tab)!, view.flame, state, theme)];
	}

	return [
		title,
		...(lines ?? [])
			.slice(scroll, scroll + pageRows(size))
			.map(({role, text}) => theme.paint(role, truncate(text, size.columns))),
	];
};

/** The keys of the page, for its last line. */
export const probeKeys = ({
	probe: view,
}: ViewState): readonly {text: string; priority: number}[] => {
	if (view?.phase === 'asked') {
		return [
			{text: 'Enter begin', priority: 0},
			{text: 'Esc back', priority: 1},
			{text: '+ - seconds', priority: 2},
		];
	}

	if (view?.phase !== 'shown') {
		return [{text: 'Esc stop', priority: 0}];
	}

	return treeOf(view.probe, view.tab)
		? [
				{text: 'Esc back', priority: 0},
				{text: 'arrows select', priority: 1},
				{text: 'Enter zoom', priority: 2},
				{text: '0 reset', priority: 3},
				{text: '/ search', priority: 4},
				{text: 'Tab 1-5 page', priority: 5},
				{text: 's save', priority: 6},
			]
		: [
				{text: 'Esc back', priority: 0},
				{text: 'Tab 1-5 page', priority: 1},
				{text: 'Up Down scroll', priority: 2},
				{text: 's save', priority: 3},
			];
};
