import type {Lock} from '../model/lock.js';

/** Who held locks over several intervals, and what they did meanwhile: the mean of their shares. */
export type HolderShares = {
	add(locks: readonly Lock[]): void;
	/** The lock with the shares of all intervals in place of those of the last one. */
	applyTo(lock: Lock): Lock;
};

type Shares = {
	intervals: number;
	holders: Map<number, {percent: number; pid: number | undefined}>;
	doing: Map<string, number>;
};

export const createHolderShares = (): HolderShares => {
	const known = new Map<string, Shares>();
	return {
		add(locks) {
			for (const {id, holders = [], heldWhile = []} of locks) {
				const shares = known.get(id) ?? {intervals: 0, holders: new Map(), doing: new Map()};
				known.set(id, shares);
				shares.intervals++;
				const held = holders.reduce((sum, {percent}) => sum + percent, 0);
				for (const {tid, pid, percent} of holders) {
					const before = shares.holders.get(tid)?.percent ?? 0;
					shares.holders.set(tid, {percent: before + percent, pid});
				}

				for (const {what, percent} of heldWhile) {
					shares.doing.set(what, (shares.doing.get(what) ?? 0) + percent * held);
				}
			}
		},
		applyTo(lock) {
			const shares = known.get(lock.id);
			if (!shares || shares.holders.size === 0) {
				return lock;
			}

			const allDoing = [...shares.doing.values()].reduce((sum, value) => sum + value, 0);
			const holders = [...shares.holders]
				.map(([tid, {percent, pid}]) => ({
					tid,
					...(pid !== undefined && {pid}),
					percent: percent / shares.intervals,
				}))
				.sort((a, b) => b.percent - a.percent);
			const heldWhile = [...shares.doing]
				.map(([what, value]) => ({what, percent: (value / allDoing) * 100}))
				.sort((a, b) => b.percent - a.percent);
			return {...lock, holders, ...(heldWhile.length > 0 && {heldWhile})};
		},
	};
};
