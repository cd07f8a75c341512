import type {FlameGraph, FrameKind} from '../../model/flame-graph.js';

/** A frame with what was called from it; its value is the time spent in it and in those. */
export type FlameNode = {
	name: string;
	kind: FrameKind | 'root';
	/** Milliseconds. */
	value: number;
	children: readonly FlameNode[];
};

type Growing = {
	name: string;
	kind: FrameKind | 'root';
	value: number;
	children: Growing[];
	byFrame: Map<number, Growing>;
};

const grow = (name: string, kind: FlameNode['kind']): Growing => ({
	name,
	kind,
	value: 0,
	children: [],
	byFrame: new Map(),
});

const strip = ({name, kind, value, children}: Growing): FlameNode => ({
	name,
	kind,
	value,
	children: children.sort((a, b) => b.value - a.value).map(strip),
});

/** The stacks put together from the outside in; children in the order of their time. */
export const flameTree = ({frames, stacks}: FlameGraph, rootName = 'all'): FlameNode => {
	const root = grow(rootName, 'root');
	for (const {frames: stack, milliseconds} of stacks) {
		let node = root;
		node.value += milliseconds;
		for (const frame of stack) {
			let child = node.byFrame.get(frame);
			if (!child) {
				const {name, kind} = frames[frame]!;
				child = grow(name, kind);
				node.byFrame.set(frame, child);
				node.children.push(child);
			}

			child.value += milliseconds;
			node = child;
		}
	}

	return strip(root);
};
