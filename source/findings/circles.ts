import type {WaitsFor} from '../model/lock.js';

/** Threads that wait for each other, and those that wait for one of them. */
export type Circle = {circle: readonly WaitsFor[]; blockedTids: readonly number[]};

/** The circle that following the holders from here leads into; the thread itself is in it or not. */
const circleFrom = (start: WaitsFor, edges: ReadonlyMap<number, WaitsFor>): readonly WaitsFor[] => {
	const way: WaitsFor[] = [];
	let edge: WaitsFor | undefined = start;
	while (edge !== undefined && !way.includes(edge)) {
		way.push(edge);
		edge = edges.get(edge.holderTid);
	}

	return edge === undefined ? [] : way.slice(way.indexOf(edge));
};

/** Circles among threads that wait for one another, by their ids; each once. A thread that waits for itself is one. */
export const circlesOf = (edges: ReadonlyMap<number, WaitsFor>): readonly Circle[] => {
	const circles = new Map<string, {circle: readonly WaitsFor[]; blockedTids: number[]}>();
	for (const edge of edges.values()) {
		const circle = circleFrom(edge, edges);
		if (circle.length === 0) {
			continue;
		}

		const key = circle
			.map(({tid}) => tid)
			.sort((one, other) => one - other)
			.join(' ');
		const known = circles.get(key) ?? {circle, blockedTids: []};
		if (!circle.includes(edge)) {
			known.blockedTids.push(edge.tid);
		}

		circles.set(key, known);
	}

	return [...circles.values()];
};
