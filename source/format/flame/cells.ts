import {printable} from '../printable.js';
import {fitStart, truncateWithMark} from '../text-width.js';
import type {FlameNode} from './tree.js';

/** Places of frames, from the root: the index of a child, and of its child... */
export type FlamePath = readonly number[];

/** One frame as a terminal shows it. */
export type FlameCell = {
	path: FlamePath;
	node: FlameNode;
	/** First column, and columns that it takes. */
	column: number;
	columns: number;
	/** As wide as the cell. */
	text: string;
};

/** The frame at a path; undefined where there is none. */
export const nodeAt = (root: FlameNode, path: FlamePath): FlameNode | undefined => {
	let node: FlameNode | undefined = root;
	for (const index of path) {
		node = node?.children[index];
	}

	return node;
};

const leastColumns = 1;

const cellText = ({name}: FlameNode, columns: number): string =>
	columns < 3
		? '|'.padEnd(columns)
		: `|${fitStart(truncateWithMark(printable(name), columns - 1), columns - 1)}`;

/**
Rows of cells, the frame that is zoomed into over the whole width in the first row, and what it calls below it, outermost first. Frames
that are narrower than a column are left out.
*/
export const flameCells = (
	root: FlameNode,
	zoomed: FlamePath,
	width: number,
): readonly (readonly FlameCell[])[] => {
	const top = nodeAt(root, zoomed);
	const rows: FlameCell[][] = [];
	const place = (node: FlameNode, path: FlamePath, from: number, to: number): void => {
		const column = Math.round(from);
		const columns = Math.round(to) - column;
		if (columns < leastColumns) {
			return;
		}

		const depth = path.length - zoomed.length;
		rows[depth] ??= [];
		rows[depth].push({path, node, column, columns, text: cellText(node, columns)});
		let next = from;
		for (const [index, child] of node.children.entries()) {
			const share = node.value === 0 ? 0 : (child.value / node.value) * (to - from);
			place(child, [...path, index], next, next + share);
			next += share;
		}
	};

	if (top) {
		place(top, zoomed, 0, width);
	}

	return rows;
};

/** Time in frames whose name has a text in it, each stack counted once: share of the whole in percent. */
export const foundPercent = (root: FlameNode, matches: (name: string) => boolean): number => {
	const sum = (node: FlameNode): number =>
		matches(node.name) ? node.value : node.children.reduce((all, child) => all + sum(child), 0);
	return root.value === 0 ? 0 : (sum(root) / root.value) * 100;
};
