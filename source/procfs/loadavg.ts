/** /proc/loadavg, see proc_loadavg(5). */
export type LoadAverage = {
	averages: readonly [number, number, number];
	/** Threads that run or want a CPU now. */
	runnable: number;
	/** Threads of the machine, also of other pid namespaces. */
	threads: number;
	/** Id handed out last in this pid namespace. */
	lastPid: number;
};

/** Parses /proc/loadavg; undefined when it is not one. */
export const parseLoadAverage = (text: string): LoadAverage | undefined => {
	const match = /^([\d.]+) ([\d.]+) ([\d.]+) (\d+)\/(\d+) (\d+)/.exec(text);
	return match
		? {
				averages: [Number(match[1]), Number(match[2]), Number(match[3])],
				runnable: Number(match[4]),
				threads: Number(match[5]),
				lastPid: Number(match[6]),
			}
		: undefined;
};
