import type {Lock} from '../model/lock.js';
import type {Gil} from '../model/process.js';
import type {GilFacts} from './gil-observer.js';

/** What was told of the word as of another kind of lock doesn't hold, such as who owns the mutex that is a part of PyPy's. */
const asGil = (
	{id, confidence, waiterTids, waitersAverage, contendedPercent, wantedIn}: Lock,
	{holderTid, holders, holderNote}: Gil,
): Lock => ({
	id,
	kind: 'gil',
	name: 'GIL',
	confidence,
	waiterTids,
	waitersAverage,
	contendedPercent,
	...(wantedIn !== undefined && {wantedIn}),
	...(holderTid !== undefined && {holderTid}),
	...(holderNote !== undefined && {holderNote}),
	...(holders && {holders: holders.map(({tid, percent}) => ({tid, percent}))}),
});

/** The locks with those that are a GIL called so. */
export const nameGil = (locks: readonly Lock[], {gil, otherGils}: GilFacts): readonly Lock[] => {
	const gils = gil ? [gil, ...(otherGils ?? [])] : [];
	return gils.length === 0
		? locks
		: locks.map(lock => {
				const found = gils.find(({lockId}) => lockId === lock.id);
				return found ? asGil(lock, found) : lock;
			});
};
