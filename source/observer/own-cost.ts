import process from 'node:process';

/** What the program itself costs: CPU since the last call (100 = one CPU; undefined at first) and memory now. */
export type OwnCost = {cpuPercent: number | undefined; rssBytes: number | undefined};

const residentBytes = (): number | undefined => {
	try {
		return process.memoryUsage.rss();
	} catch {
		// It reads a file of /proc too, and no descriptor may be left for it.
		return undefined;
	}
};

export const createOwnCostMeter = (): (() => OwnCost) => {
	let usedBefore: number | undefined;
	let measuredAt = 0;
	return () => {
		const {user, system} = process.cpuUsage();
		const used = user + system;
		const now = performance.now();
		const cpuPercent =
			usedBefore === undefined || now <= measuredAt
				? undefined
				: ((used - usedBefore) / ((now - measuredAt) * 1000)) * 100;
		usedBefore = used;
		measuredAt = now;
		return {cpuPercent, rssBytes: residentBytes()};
	};
};
