import type {FlameFrame, FlameGraph} from '../model/flame-graph.js';
import {createGraphBuilder, mergedFrames, nativeFrame, threadFrame} from './graph-builder.js';
import {isLockWait, type LockOf, waitTitle} from './lock-words.js';
import type {ThreadTally} from './thread-tally.js';

/** Where threads slept and for how long: thread, stack from the outside in, and at its top what was waited for. */
export const offCpuGraph = (tallies: readonly ThreadTally[], lockOf: LockOf): FlameGraph => {
	const builder = createGraphBuilder();
	for (const {entry, places} of tallies) {
		for (const place of places.values()) {
			if (place.wait.kind === 'running') {
				continue;
			}

			const lock = lockOf(place);
			const frames = mergedFrames(
				place.stack?.names?.map(name => nativeFrame(name)),
				place.runtimeStack,
			);
			const leaf: FlameFrame = {
				name: waitTitle(place.wait, lock),
				kind: isLockWait(place, lock) ? 'lock' : 'wait',
			};
			builder.add([threadFrame(entry.name), ...frames, leaf], place.milliseconds);
		}
	}

	return builder.graph();
};

/**
What ran, by looks at threads that the kernel said run: the runtime's frames where they are known, else the thread alone. The time is
what the scheduler counted, divided by the looks.
*/
export const sampledCpuGraph = (
	tallies: readonly ThreadTally[],
): {graph: FlameGraph; samples: number} => {
	const builder = createGraphBuilder();
	let samples = 0;
	for (const {entry, places, first, last} of tallies) {
		const running = [...places.values()].filter(({wait}) => wait.kind === 'running');
		const looks = running.reduce((sum, place) => sum + place.looks, 0);
		const cpu = Math.max(0, last.runNanoseconds - first.runNanoseconds) / 1e6;
		samples += looks;
		for (const place of running) {
			builder.add(
				[threadFrame(entry.name), ...mergedFrames(undefined, place.runtimeStack)],
				(cpu * place.looks) / looks,
			);
		}
	}

	return {graph: builder.graph(), samples};
};
