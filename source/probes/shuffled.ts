/** In an order that is left to chance, so that those at the front are a fair part of all. */
export const shuffled = <Item>(items: Iterable<Item>, random = Math.random): readonly Item[] => {
	const all = [...items];
	for (let index = all.length - 1; index > 0; index--) {
		const other = Math.floor(random() * (index + 1));
		[all[index], all[other]] = [all[other]!, all[index]!];
	}

	return all;
};
