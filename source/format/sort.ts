import {type Rates, switchesOf} from './rates.js';
import type {SortKey} from './view-options.js';

/** What rows are compared by: the number that they were started with, and their rates. */
export type Sortable = {id: number; rates: Rates};

const sortValue = (row: Sortable, key: SortKey): number | undefined => {
	switch (key) {
		case 'switches':
			return switchesOf(row.rates) ?? undefined;
		case 'voluntary':
			return row.rates.voluntary ?? undefined;
		case 'involuntary':
			return row.rates.involuntary ?? undefined;
		case 'run-queue-wait':
			return row.rates.runQueueWait ?? undefined;
		case 'cpu':
			return row.rates.cpu ?? undefined;
		case 'pid':
			return -row.id;
	}
};

/**
A copy in order: largest first, pids smallest first, `inverted` the other way round.
What isn't known comes last in both, and equals are in the order of their pids.
*/
export const sortRows = <Row extends Sortable>(
	rows: readonly Row[],
	key: SortKey,
	inverted: boolean,
): Row[] => {
	if (rows.length < 2) {
		return [...rows];
	}

	const direction = inverted ? -1 : 1;
	const values = rows.map(row => sortValue(row, key));
	const compare = (a: number, b: number): number => {
		const left = values[a];
		const right = values[b];
		if (left === right) {
			return rows[a]!.id - rows[b]!.id;
		}

		if (left === undefined || right === undefined) {
			return left === undefined ? 1 : -1;
		}

		return (right - left) * direction;
	};
	const order = rows.map((_, index) => index).sort(compare);
	return order.map(index => rows[index]!);
};
