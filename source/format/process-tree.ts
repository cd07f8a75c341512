import type {Process} from '../model/process.js';
import {addRates, type Rates, ratesOf} from './rates.js';

/** A process with what hangs below it. */
export type ProcessNode = {
	id: number;
	process: Process;
	children: ProcessNode[];
	/** Sums over the whole subtree, itself among it. */
	rates: Rates;
	threadCount: number;
	descendants: number;
};

/**
Processes as a forest. As in `ps axf`, the children of init stand at the top beside it,
and so does a process whose parent isn't in the list. A list that contradicts itself
(a file can) loses no process: what no top reaches becomes a top.
*/
export const buildProcessTree = (processes: readonly Process[]): ProcessNode[] => {
	const nodes = processes.map(
		(process): ProcessNode => ({
			id: process.pid,
			process,
			children: [],
			rates: ratesOf(process),
			threadCount: process.threadCount,
			descendants: 0,
		}),
	);
	const byPid = new Map(nodes.map(node => [node.id, node]));
	const parents = new Map<ProcessNode, ProcessNode>();
	for (const node of nodes) {
		const {parentPid, pid} = node.process;
		const parent = parentPid <= 1 || parentPid === pid ? undefined : byPid.get(parentPid);
		if (parent !== undefined) {
			parents.set(node, parent);
		}
	}

	const ordered: ProcessNode[] = [];
	const placed = new Set<ProcessNode>();
	const byParent = new Map<ProcessNode, ProcessNode[]>();
	for (const [node, parent] of parents) {
		byParent.set(parent, byParent.get(parent) ?? []);
		byParent.get(parent)!.push(node);
	}

	const place = (top: ProcessNode): void => {
		const pending = [top];
		for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
			if (!placed.has(node)) {
				placed.add(node);
				ordered.push(node);
				for (const child of byParent.get(node) ?? []) {
					pending.push(child);
				}
			}
		}
	};

	const tops = nodes.filter(node => !parents.has(node));
	tops.forEach(place);
	for (const node of nodes) {
		if (!placed.has(node)) {
			parents.delete(node);
			tops.push(node);
			place(node);
		}
	}

	// Below come after above in this order, so that backwards every sum is complete when it is added.
	for (const node of ordered.toReversed()) {
		const parent = parents.get(node);
		if (parent !== undefined) {
			parent.children.push(node);
			parent.rates = addRates(parent.rates, node.rates);
			parent.threadCount += node.threadCount;
			parent.descendants += node.descendants + 1;
		}
	}

	return tops;
};
