import {expect, test} from 'vitest';
import {runInSlices} from '../../source/sampler/time-slices.js';

const work = (milliseconds: number): void => {
	const end = performance.now() + milliseconds;
	while (performance.now() < end) {
		// Busy.
	}
};

test('long work lets timers have their turn in between', async () => {
	let turns = 0;
	const timer = setInterval(() => {
		turns++;
	}, 1);
	let turnsSeenInside = 0;
	await runInSlices(
		(function* () {
			for (let step = 0; step < 10; step++) {
				work(10);
				turnsSeenInside = turns;
				yield;
			}
		})(),
	);
	clearInterval(timer);
	expect(turnsSeenInside).toBeGreaterThan(0);
});

test('work that is done at once is not put off', async () => {
	let done = false;
	const promise = runInSlices(
		(function* () {
			yield;
			done = true;
		})(),
	);
	expect(done).toBe(true);
	await promise;
});

test('the time that others took in between is not counted', async () => {
	let others = 0;
	const keepBusy = () => {
		work(50);
		others++;
		handle = setImmediate(keepBusy);
	};
	let handle = setImmediate(keepBusy);
	const began = performance.now();
	const busyMilliseconds = await runInSlices(
		(function* () {
			for (let step = 0; step < 3; step++) {
				work(10);
				yield;
			}
		})(),
	);
	clearImmediate(handle);
	const elapsed = performance.now() - began;
	expect(others).toBeGreaterThan(0);
	expect(busyMilliseconds).toBeGreaterThanOrEqual(29);
	expect(elapsed - busyMilliseconds).toBeGreaterThanOrEqual(49 * others - 1);
});
