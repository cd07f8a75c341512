import type {Process} from '../model/process.js';
import {addRates, type Rates, ratesOf} from './rates.js';

/** A process with what hangs below it. */
export type ProcessNode = {
	id: number;
	process: Process;
	parent: ProcessNode | undefined;
	children: ProcessNode[];
	/** Its own rates. */
	ownRates: Rates;
	/** Sums over the whole subtree, itself among it. */
	rates: Rates;
	threadCount: number;
	descendants: number;
	/** Whether a top reaches it. */
	isPlaced: boolean;
};

const makeNode = (process: Process): ProcessNode => {
	const ownRates = ratesOf(process);
	return {
		id: process.pid,
		process,
		parent: undefined,
		children: [],
		ownRates,
		rates: ownRates,
		threadCount: process.threadCount,
		descendants: 0,
		isPlaced: false,
	};
};

const link = (nodes: readonly ProcessNode[]): void => {
	const byPid = new Map(nodes.map(node => [node.id, node]));
	for (const node of nodes) {
		const {parentPid, pid} = node.process;
		const parent = parentPid <= 1 || parentPid === pid ? undefined : byPid.get(parentPid);
		if (parent !== undefined) {
			node.parent = parent;
			parent.children.push(node);
		}
	}
};

/** Appends a tree to `ordered`, what is above before what is below. */
const place = (top: ProcessNode, ordered: ProcessNode[]): void => {
	const pending = [top];
	for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
		node.isPlaced = true;
		ordered.push(node);
		for (const child of node.children) {
			pending.push(child);
		}
	}
};

/** Makes a top of a process that is its own ancestor. */
const detach = (node: ProcessNode): void => {
	if (node.parent !== undefined) {
		node.parent.children = node.parent.children.filter(child => child !== node);
		node.parent = undefined;
	}
};

/**
Processes as a forest. As in `ps axf`, the children of init stand at the top beside it,
and so does a process whose parent isn't in the list. A list that contradicts itself
(a file can) loses no process: what no top reaches becomes a top.
*/
export const buildProcessTree = (processes: readonly Process[]): ProcessNode[] => {
	const nodes = processes.map(makeNode);
	link(nodes);
	const tops = nodes.filter(({parent}) => parent === undefined);
	const ordered: ProcessNode[] = [];
	for (const top of tops) {
		place(top, ordered);
	}

	for (const node of ordered.length === nodes.length ? [] : nodes) {
		if (!node.isPlaced) {
			detach(node);
			tops.push(node);
			place(node, ordered);
		}
	}

	// Below come after above in this order, so that backwards every sum is complete when it is added.
	for (let index = ordered.length - 1; index >= 0; index--) {
		const node = ordered[index]!;
		const {parent} = node;
		if (parent !== undefined) {
			parent.rates = addRates(parent.rates, node.rates);
			parent.threadCount += node.threadCount;
			parent.descendants += node.descendants + 1;
		}
	}

	return tops;
};
