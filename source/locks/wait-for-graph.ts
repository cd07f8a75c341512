/** Who waits for whom: each thread waits for one lock at a time, so for one other thread at most. */
export type WaitForGraph = ReadonlyMap<number, number>;

/**
Circles in which each thread waits for the next one and the last for the first; a thread that waits for itself is one too. Each
circle begins with its lowest id. Every thread is walked over once.
*/
export const findCircles = (graph: WaitForGraph): readonly (readonly number[])[] => {
	const walkOf = new Map<number, number>();
	const circles: number[][] = [];
	let walk = 0;
	for (const start of graph.keys()) {
		walk++;
		const path: number[] = [];
		let tid: number | undefined = start;
		while (tid !== undefined && !walkOf.has(tid)) {
			walkOf.set(tid, walk);
			path.push(tid);
			tid = graph.get(tid);
		}

		if (tid !== undefined && walkOf.get(tid) === walk) {
			circles.push(fromLowest(path.slice(path.indexOf(tid))));
		}
	}

	return circles;
};

const fromLowest = (circle: readonly number[]): number[] => {
	const first = circle.indexOf(Math.min(...circle));
	return [...circle.slice(first), ...circle.slice(0, first)];
};

/** Threads outside a circle that wait for one in it, directly or through others, by rising id. */
export const blockedBehind = (
	graph: WaitForGraph,
	circle: readonly number[],
): readonly number[] => {
	const waiters = new Map<number, number[]>();
	for (const [waiter, holder] of graph) {
		const known = waiters.get(holder) ?? [];
		known.push(waiter);
		waiters.set(holder, known);
	}

	const inCircle = new Set(circle);
	const blocked = new Set<number>();
	const open = [...circle];
	for (let tid = open.pop(); tid !== undefined; tid = open.pop()) {
		for (const waiter of waiters.get(tid) ?? []) {
			if (!inCircle.has(waiter) && !blocked.has(waiter)) {
				blocked.add(waiter);
				open.push(waiter);
			}
		}
	}

	return [...blocked].sort((a, b) => a - b);
};
