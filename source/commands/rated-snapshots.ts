import type {Snapshot} from '../model/snapshot.js';
import type {Watch} from './watch.js';

/**
Snapshots as they come, from the first on that has rates: those before it could only show sums since boot. The watch stops when
the reader does, or when `signal` says so: after what has come until then.
*/
export const ratedSnapshots = async function* (
	watch: Watch,
	signal?: AbortSignal,
): AsyncGenerator<Snapshot, void, undefined> {
	let waiting: Snapshot[] = [];
	let wake: (() => void) | undefined;
	const wakeUp = (): void => wake?.();
	watch.subscribe(snapshot => {
		if (snapshot.intervalSeconds !== undefined) {
			waiting.push(snapshot);
			wakeUp();
		}
	});
	signal?.addEventListener('abort', wakeUp);
	try {
		for (;;) {
			if (waiting.length === 0 && signal?.aborted !== true) {
				await new Promise<void>(resolve => {
					wake = resolve;
				});
			}

			const batch = waiting;
			waiting = [];
			yield* batch;
			if (signal?.aborted) {
				return;
			}
		}
	} finally {
		signal?.removeEventListener('abort', wakeUp);
		watch.stop();
	}
};
