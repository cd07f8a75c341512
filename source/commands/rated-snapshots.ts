import type {Snapshot} from '../model/snapshot.js';
import type {Watch} from './watch.js';

/**
Snapshots as they come, from the first on that has rates: those before it could only show sums since boot. The watch stops when
the reader does.
*/
export const ratedSnapshots = async function* (
	watch: Watch,
): AsyncGenerator<Snapshot, void, undefined> {
	let waiting: Snapshot[] = [];
	let wake: (() => void) | undefined;
	watch.subscribe(snapshot => {
		if (snapshot.intervalSeconds !== undefined) {
			waiting.push(snapshot);
			wake?.();
		}
	});
	try {
		for (;;) {
			if (waiting.length === 0) {
				await new Promise<void>(resolve => {
					wake = resolve;
				});
			}

			const batch = waiting;
			waiting = [];
			yield* batch;
		}
	} finally {
		watch.stop();
	}
};
