import type {Probe} from '../model/probe.js';
import type {WatchedThreads} from '../probes/subject.js';
import type {Target} from '../targets/target.js';

/** The close looks at single processes that the live screen asks for, one at a time. */
export type ScreenProbes = {
	probe(
		pid: number,
		seconds: number,
		onProgress: (share: number, what: string) => void,
	): Promise<Probe>;
	/** Ends the one that is under way; what was seen until then is its result. */
	stop(): void;
};

/** So often a second the screen is told how far it is. */
const millisecondsBetweenReports = 200;

export const createScreenProbes = (target: Target, watched: WatchedThreads): ScreenProbes => {
	let running: AbortController | undefined;
	return {
		async probe(pid, seconds, onProgress) {
			running?.abort();
			const controller = new AbortController();
			running = controller;
			let reportedAt = Number.NEGATIVE_INFINITY;
			const {probeProcess} = await import('../probes/probe.js');
			return probeProcess({
				target,
				watched,
				pid,
				seconds,
				signal: controller.signal,
				onProgress(share, what) {
					const now = performance.now();
					if (now - reportedAt > millisecondsBetweenReports || share >= 1) {
						reportedAt = now;
						onProgress(share, what);
					}
				},
			});
		},
		stop() {
			running?.abort();
		},
	};
};
