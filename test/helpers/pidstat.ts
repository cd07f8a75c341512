import {runTool} from './run-tool.js';

export type SwitchRates = {
	readonly voluntarySwitchesPerSecond: number;
	readonly involuntarySwitchesPerSecond: number;
};

/** UID, TGID (`-` for a thread), TID, cswch/s, nvcswch/s; a name that goes on over several lines is cut at the first. */
const averageOfThread = /^Average: +\d+ +- +(\d+) +([\d.]+) +([\d.]+) /;

/**
The rates of each thread over all intervals, by tid, from the `Average:` lines of `pidstat -t -w`. The rows of whole processes
are left out: they are those of the main thread again, not sums.
*/
export const parsePidstat = (text: string): ReadonlyMap<number, SwitchRates> =>
	new Map(
		text.split('\n').flatMap(line => {
			const [, tid, voluntary, involuntary] = averageOfThread.exec(line) ?? [];
			return tid === undefined
				? []
				: [
						[
							Number(tid),
							{
								voluntarySwitchesPerSecond: Number(voluntary),
								involuntarySwitchesPerSecond: Number(involuntary),
							},
						] as const,
					];
		}),
	);

/** Switch rates of the processes' threads as pidstat sees them over that many seconds; undefined where it isn't installed. */
export const readPidstat = async (
	pids: readonly number[],
	seconds: number,
): Promise<ReadonlyMap<number, SwitchRates> | undefined> => {
	const text = await runTool('pidstat', ['-t', '-w', '-p', pids.join(','), '1', String(seconds)]);
	return text === undefined ? undefined : parsePidstat(text);
};
