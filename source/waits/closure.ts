/** Whom each of some waits for: those that could end its waits. */
export type Dependencies<Item> = ReadonlyMap<Item, ReadonlySet<Item>>;

/** The most of them that wait for nobody but each other. */
export const closedAmong = <Item>(dependencies: Dependencies<Item>): ReadonlySet<Item> => {
	const closed = new Set(dependencies.keys());
	for (let before = -1; before !== closed.size; ) {
		before = closed.size;
		for (const item of closed) {
			for (const other of dependencies.get(item)!) {
				if (!closed.has(other)) {
					closed.delete(item);
					break;
				}
			}
		}
	}

	return closed;
};

/** Leaves out those that nobody else waits for although they wait for others: what ends those would end their waits too. */
const withoutFollowers = <Item>(
	closed: ReadonlySet<Item>,
	dependencies: Dependencies<Item>,
): ReadonlySet<Item> => {
	const left = new Set(closed);
	for (let before = -1; before !== left.size; ) {
		before = left.size;
		const neededByOthers = new Set<Item>();
		for (const item of left) {
			for (const other of dependencies.get(item)!) {
				if (other !== item) {
					neededByOthers.add(other);
				}
			}
		}

		for (const item of [...left]) {
			const waitsForOthers = [...dependencies.get(item)!].some(other => other !== item);
			if (waitsForOthers && !neededByOthers.has(item)) {
				left.delete(item);
			}
		}
	}

	return left;
};

/** Puts together those that wait for each other, directly or through others. */
const componentsOf = <Item>(
	items: ReadonlySet<Item>,
	dependencies: Dependencies<Item>,
): readonly (readonly Item[])[] => {
	const componentOf = new Map<Item, Set<Item>>();
	for (const item of items) {
		const linked = new Set([item, ...dependencies.get(item)!]);
		for (const each of [...linked]) {
			for (const member of componentOf.get(each) ?? []) {
				linked.add(member);
			}
		}

		for (const member of linked) {
			componentOf.set(member, linked);
		}
	}

	return [...new Set(componentOf.values())].map(component => [...component]);
};

/** Those of which nobody outside can wake any, apart from who only waits for them to end: each family by itself. */
export const closedFamilies = <Item>(
	dependencies: Dependencies<Item>,
): readonly (readonly Item[])[] => {
	const core = withoutFollowers(closedAmong(dependencies), dependencies);
	return componentsOf(core, dependencies);
};

/** In an order in which each waits for the next one alone, and the last for the first; undefined where they do not. */
export const circleThrough = <Item>(
	items: readonly Item[],
	dependencies: Dependencies<Item>,
): readonly Item[] | undefined => {
	const circle: Item[] = [];
	let item = items[0];
	while (item !== undefined && !circle.includes(item)) {
		circle.push(item);
		const others: ReadonlySet<Item> | undefined = dependencies.get(item);
		item = others?.size === 1 ? [...others][0] : undefined;
	}

	return item === items[0] && circle.length === items.length && circle.length > 1
		? circle
		: undefined;
};

/** Two that need each other; undefined where there are none. */
export const pairAmong = <Item>(
	items: readonly Item[],
	needed: Dependencies<Item>,
): readonly [Item, Item] | undefined => {
	for (const item of items) {
		for (const other of needed.get(item) ?? []) {
			if (other !== item && needed.get(other)?.has(item)) {
				return [item, other];
			}
		}
	}

	return undefined;
};

/** The shortest way from one of them over those that each one waits for to one of some others, with both ends; undefined where there is none. */
export const wayTo = <Item>(
	ends: ReadonlySet<Item>,
	from: Item,
	dependencies: Dependencies<Item>,
): readonly Item[] | undefined => {
	const cameFrom = new Map<Item, Item | undefined>([[from, undefined]]);
	for (const [item] of cameFrom) {
		if (ends.has(item)) {
			const way: Item[] = [];
			for (let step: Item | undefined = item; step !== undefined; step = cameFrom.get(step)) {
				way.unshift(step);
			}

			return way;
		}

		for (const other of dependencies.get(item) ?? []) {
			if (!cameFrom.has(other)) {
				cameFrom.set(other, item);
			}
		}
	}

	return undefined;
};
