import {asFrame} from './cpu-profile.js';
import type {PerfSample} from './perf-script.js';

/** What a thread ran in perf's last sample of it. */
export type LastRun = {
	/** Innermost first. */
	stack: readonly string[];
	secondsBeforeEnd: number;
};

/** The last sample of each thread by its id; `endSeconds` is the end of the probe on perf's clock. */
export const lastRuns = (
	samples: readonly PerfSample[],
	endSeconds: number,
): ReadonlyMap<number, LastRun> => {
	const last = new Map<number, PerfSample>();
	for (const sample of samples) {
		const known = last.get(sample.tid);
		if (!known || known.seconds <= sample.seconds) {
			last.set(sample.tid, sample);
		}
	}

	return new Map(
		[...last].map(([tid, {frames, seconds}]) => [
			tid,
			{
				stack: frames.map(frame => asFrame(frame).name),
				secondsBeforeEnd: Math.max(0, Math.round((endSeconds - seconds) * 1000) / 1000),
			},
		]),
	);
};
