import {setImmediate} from 'node:timers/promises';

// Keys must not wait longer than this for a sweep over a big machine.
const millisecondsBetweenRests = 8;

/**
Runs work that yields now and then, and lets everything else in the program have a turn when it took long. Returns how long the
work itself took.
*/
export const runInSlices = async (work: Iterable<unknown>): Promise<number> => {
	let busyMilliseconds = 0;
	let startedAt = performance.now();
	for (const _ of work) {
		const elapsed = performance.now() - startedAt;
		if (elapsed > millisecondsBetweenRests) {
			busyMilliseconds += elapsed;
			await setImmediate();
			startedAt = performance.now();
		}
	}

	return busyMilliseconds + performance.now() - startedAt;
};
