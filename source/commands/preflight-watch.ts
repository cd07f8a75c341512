import type {Finding} from '../model/finding.js';
import type {Check} from '../model/preflight.js';
import {checksToFindings} from '../preflight/findings.js';
import {type WatchOptions, watchPreflight} from '../preflight/watch.js';

/** The newest checks, and those that are bad as findings for the panel. */
export type PreflightLook = {checks: readonly Check[]; findings: readonly Finding[]};

// It reads the descriptors of every process: what it finds fills up over minutes, and is seen soon enough.
const secondsBetweenLooks = 60;

/**
Begins to look at everything beside the live screen, again and again, and calls back with each look. Returns how to stop. A look
that fails ends the watch and is told to `onError`; the screen goes on without it. No finding needs the hardware: it is asked for when
somebody wants to see the checks; who watches all threads tells which are in uninterruptible sleep.
*/
export const startPreflightWatch = (
	procRoot: string,
	onLook: (look: PreflightLook) => void,
	onError: (error: unknown) => void,
	{wantsHardware, knownSleepers}: Pick<WatchOptions, 'wantsHardware' | 'knownSleepers'>,
): (() => void) => {
	const stopping = new AbortController();
	const watch = async (): Promise<void> => {
		let findings: readonly Finding[] = [];
		for await (const {checks} of watchPreflight({
			procRoot,
			wideIntervalSeconds: secondsBetweenLooks,
			signal: stopping.signal,
			wantsHardware,
			knownSleepers,
		})) {
			if (stopping.signal.aborted) {
				return;
			}

			findings = checksToFindings(checks, new Date().toISOString(), findings);
			onLook({checks, findings});
		}
	};

	watch().catch(onError);
	return () => stopping.abort();
};
