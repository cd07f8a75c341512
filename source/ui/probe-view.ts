import {type FlamePath, nodeAt} from '../format/flame/cells.js';
import {type FlameNode, flameTree} from '../format/flame/tree.js';
import {type Probe, probeSeconds} from '../model/probe.js';

/** The pages of a probe's result, in their order. */
export const probeTabs = ['calls', 'stacks', 'waits', 'cpu', 'timeline'] as const;
export type ProbeTab = (typeof probeTabs)[number];

/** A flame graph on the screen: what is zoomed into, which frame is selected, what is looked for. */
export type FlameView = {zoomed: FlamePath; selected: FlamePath; search: string};

/** How a probe begins that a key asks for: for how long, and whether perf is there to be used. */
export type Probing = {seconds: number; perf: boolean};

export const usualProbing: Probing = {seconds: probeSeconds.usual, perf: false};

/** Times that a key leads to, one after the other. */
const choices = [1, 2, 5, 10, 20, 30, 60, 120, probeSeconds.most];

/** The next longer time, or the next shorter one; the same where there is none. */
export const otherSeconds = (seconds: number, by: 1 | -1): number =>
	(by > 0 ? choices.find(each => each > seconds) : choices.findLast(each => each < seconds)) ??
	seconds;

/** What a person sees of a probe: the question before it, its progress, or its result. */
export type ProbeView = {
	pid: number;
	name: string;
	threads: number;
	seconds: number;
} & (
	| {phase: 'asked'}
	| {phase: 'running'; share: number; what: string}
	| {phase: 'shown'; probe: Probe; tab: ProbeTab; flame: FlameView}
);

export const freshFlame: FlameView = {zoomed: [], selected: [], search: ''};

export const showProbe = (probe: Probe): ProbeView => ({
	pid: probe.pid,
	name: probe.name,
	threads: probe.sampling.threads,
	seconds: probe.seconds,
	phase: 'shown',
	probe,
	tab: 'calls',
	flame: freshFlame,
});

const trees = new WeakMap<object, FlameNode>();

/** The graph that a tab shows, as a tree; undefined where the probe has none. */
export const treeOf = (probe: Probe, tab: ProbeTab): FlameNode | undefined => {
	const graph = tab === 'waits' ? probe.offCpu : tab === 'cpu' ? probe.onCpu?.graph : undefined;
	if (!graph) {
		return undefined;
	}

	let tree = trees.get(graph);
	if (!tree) {
		tree = flameTree(graph, tab === 'waits' ? 'all waits' : 'all CPU time');
		trees.set(graph, tree);
	}

	return tree;
};

/** Selects the frame beside, above or below; the same where there is none. */
const moved = (tree: FlameNode, {zoomed, selected, ...rest}: FlameView, key: string): FlameView => {
	const last = selected.at(-1) ?? 0;
	const candidates: Readonly<Record<string, FlamePath>> = {
		up: selected.length > zoomed.length ? selected.slice(0, -1) : selected,
		down: [...selected, 0],
		left: [...selected.slice(0, -1), last - 1],
		right: [...selected.slice(0, -1), last + 1],
	};
	const wanted = candidates[key] ?? selected;
	const isInside =
		wanted.length >= zoomed.length && (selected.length > zoomed.length || key === 'down');
	return {
		...rest,
		zoomed,
		selected: isInside && nodeAt(tree, wanted) ? wanted : selected,
	};
};

/** What a key does in a flame graph; undefined when it's none of its keys. */
export const flameKey = (tree: FlameNode, view: FlameView, key: string): FlameView | undefined => {
	switch (key) {
		case 'up':
		case 'down':
		case 'left':
		case 'right':
			return moved(tree, view, key);
		case 'enter':
			return {...view, zoomed: view.selected};
		case 'backspace':
		case '0':
			return {...freshFlame, selected: view.zoomed};
		default:
			return undefined;
	}
};
