import type {Finding} from '../model/finding.js';
import type {Process} from '../model/process.js';
import type {Snapshot} from '../model/snapshot.js';
import type {Matcher} from './filter.js';
import {buildProcessTree, type ProcessNode} from './process-tree.js';
import {processKey, type Row} from './row.js';
import {sortRows} from './sort.js';
import {type ThreadItem, threadItem, threadItems} from './thread-rows.js';
import type {FoldLevel, ViewOptions} from './view-options.js';

const branch = ' \\_ ';
const trunk = ' |  ';
const gap = '    ';

/** Deeper branches are drawn no further right; a chain of ten thousand processes must stay readable. */
const deepestPrefix = 40 * branch.length;

/** Numbers of the findings about each process, counted from 1. */
export const findingsByPid = (findings: readonly Finding[]): Map<number, number[]> => {
	const numbers = new Map<number, number[]>();
	for (const [index, {pids}] of findings.entries()) {
		for (const pid of pids) {
			numbers.set(pid, [...(numbers.get(pid) ?? []), index + 1]);
		}
	}

	return numbers;
};

type Context = {
	options: ViewOptions;
	matches: Matcher | undefined;
	findings: ReadonlyMap<number, readonly number[]>;
	/** What the filter lets through, with all its ancestors; undefined without a filter. */
	shown: ReadonlySet<ProcessNode> | undefined;
};

const passes = (process: Process, matches: Matcher): boolean =>
	matches(process) ||
	(process.threads.length > 1 && process.threads.some(thread => matches(process, thread)));

/** Nodes that match and those above them. */
const shownNodes = (tops: readonly ProcessNode[], matches: Matcher): Set<ProcessNode> => {
	const ordered: ProcessNode[] = [];
	const pending = [...tops];
	for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
		ordered.push(node);
		pending.push(...node.children);
	}

	const shown = new Set<ProcessNode>();
	for (const node of ordered.toReversed()) {
		if (node.children.some(child => shown.has(child)) || passes(node.process, matches)) {
			shown.add(node);
		}
	}

	return shown;
};

const isKthreadd = ({pid, kernelThread}: Process): boolean => pid === 2 && kernelThread === true;

/** How far a process is unfolded: as a person chose, else by its findings and the mode. */
export const foldLevel = (process: Process, concerned: boolean, options: ViewOptions): FoldLevel =>
	options.levels.get(processKey(process)) ??
	(options.threads === 'all' || (options.threads === 'contended' && concerned)
		? 'threads'
		: 'open');

const levelOf = (node: ProcessNode, context: Context): FoldLevel => {
	const {process} = node;
	const chosen = context.options.levels.get(processKey(process));
	if (chosen === undefined && isKthreadd(process) && context.shown === undefined) {
		return 'folded';
	}

	return foldLevel(process, context.findings.has(process.pid), context.options);
};

const findingsBelow = (node: ProcessNode, context: Context): number[] => {
	const numbers = new Set<number>();
	const pending = [node];
	for (let below = pending.pop(); below !== undefined; below = pending.pop()) {
		for (const number of context.findings.get(below.process.pid) ?? []) {
			numbers.add(number);
		}

		pending.push(...below.children);
	}

	return [...numbers].sort((a, b) => a - b);
};

const none: readonly number[] = [];

const processRow = (
	node: ProcessNode,
	prefix: string,
	parentKey: string | undefined,
	context: Context,
): Row & {kind: 'process'} => {
	const {process} = node;
	const level = levelOf(node, context);
	const hiddenProcesses = level === 'folded' ? node.descendants : 0;
	return {
		kind: 'process',
		key: processKey(process),
		parentKey,
		process,
		prefix,
		level,
		foldable: node.children.length > 0 || process.threads.length > 1,
		hiddenProcesses,
		rates: hiddenProcesses > 0 ? node.rates : node.ownRates,
		threadCount: hiddenProcesses > 0 ? node.threadCount : process.threadCount,
		findings:
			hiddenProcesses > 0 && context.findings.size > 0
				? findingsBelow(node, context)
				: (context.findings.get(process.pid) ?? none),
	};
};

const below = (prefix: string, isTop: boolean, isLast: boolean): string => {
	if (isTop) {
		return prefix;
	}

	const stem = prefix.slice(0, -branch.length);
	return prefix.length >= deepestPrefix ? stem : stem + (isLast ? gap : trunk);
};

const threadRows = (
	items: readonly ThreadItem[],
	process: Process,
	stem: string,
	isLastOfAll: boolean,
): Row[] =>
	items.flatMap((item, index): Row[] => {
		const base = {parentKey: processKey(process), process, prefix: stem + branch};
		if (item.kind === 'thread') {
			return [{...base, ...item}];
		}

		const row: Row = {...base, ...item};
		if (!item.open) {
			return [row];
		}

		const isLast = isLastOfAll && index === items.length - 1;
		const prefix = stem + (isLast ? gap : trunk) + branch;
		return [
			row,
			...item.group.threads.map(
				(thread): Row => ({...base, ...threadItem(thread), prefix, parentKey: item.key}),
			),
		];
	});

const treeRows = (tops: readonly ProcessNode[], context: Context): Row[] => {
	const {options, matches, shown} = context;
	const rows: Row[] = [];
	type Visit = {node: ProcessNode; prefix: string; isLast: boolean; parentKey?: string};
	const visible = (nodes: readonly ProcessNode[]) =>
		sortRows(
			shown === undefined ? nodes : nodes.filter(node => shown.has(node)),
			options.sort,
			options.inverted,
		);
	const pending: Visit[] = visible(tops)
		.map(node => ({node, prefix: '', isLast: true}))
		.toReversed();
	for (let visit = pending.pop(); visit !== undefined; visit = pending.pop()) {
		const {node, prefix, isLast, parentKey} = visit;
		const row = processRow(node, prefix, parentKey, context);
		rows.push(row);
		const children = row.level === 'folded' ? [] : visible(node.children);
		const stem = below(prefix, prefix === '', isLast);
		if (row.level === 'threads') {
			const items = threadItems(node.process, options, matches);
			rows.push(...threadRows(items, node.process, stem, children.length === 0));
		}

		for (const [index, child] of children.toReversed().entries()) {
			pending.push({node: child, prefix: stem + branch, isLast: index === 0, parentKey: row.key});
		}
	}

	return rows;
};

const flatRows = (tops: readonly ProcessNode[], context: Context): Row[] => {
	const {options, matches} = context;
	const nodes = tops.map(node => ({
		...node,
		children: [],
		descendants: 0,
		rates: node.ownRates,
	}));
	if (options.threads !== 'all') {
		return sortRows(nodes, options.sort, options.inverted).flatMap(node => {
			const row = processRow(node, '', undefined, context);
			const items = row.level === 'threads' ? threadItems(node.process, options, matches) : [];
			return [row, ...threadRows(items, node.process, '', true)];
		});
	}

	const all = nodes.flatMap(node => {
		const items = threadItems(node.process, options, matches);
		return items.length === 0
			? [{id: node.id, rates: node.rates, row: processRow(node, '', undefined, context)}]
			: threadRows(items, node.process, '', true).map((row, index) => ({
					id: items[index]!.id,
					rates: row.rates,
					row: {...row, prefix: ''},
				}));
	});
	return sortRows(all, options.sort, options.inverted).map(({row}) => row);
};

/**
All rows of the table in order. In the tree, siblings are in order of their subtrees' sums
and a match of the filter keeps its ancestors; the flat list has the matches alone, and with
`threads: 'all'` one row for each thread, as `top -H`.
*/
export const buildRows = (
	snapshot: Pick<Snapshot, 'processes' | 'findings'>,
	options: ViewOptions,
	matches?: Matcher,
): Row[] => {
	const processes = options.kernelThreads
		? snapshot.processes
		: snapshot.processes.filter(({kernelThread}) => kernelThread !== true);
	const findings = findingsByPid(snapshot.findings);
	if (!options.tree) {
		const wanted =
			matches === undefined ? processes : processes.filter(process => passes(process, matches));
		const tops = wanted.flatMap(process => buildProcessTree([process]));
		return flatRows(tops, {options, matches, findings, shown: undefined});
	}

	const tops = buildProcessTree(processes);
	const shown = matches === undefined ? undefined : shownNodes(tops, matches);
	return treeRows(tops, {options, matches, findings, shown});
};
