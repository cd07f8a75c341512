import type {FlameFrame, FlameGraph, FrameKind} from '../model/flame-graph.js';
import type {Lock} from '../model/lock.js';
import {createGraphBuilder, mergedFrames, nativeFrame, threadFrame} from './graph-builder.js';
import {isLockWait, type LockOf, waitTitle} from './lock-words.js';
import type {Seen, ThreadTally} from './thread-tally.js';

const kindOf = (place: Seen, lock: Lock | undefined): FrameKind => {
	if (lock?.kind === 'gil') {
		return 'gil';
	}

	return isLockWait(place, lock) ? 'lock' : 'wait';
};

/** Of so many threads only some stacks were read. */
const notRead: FlameFrame = {name: '[stack not read]', kind: 'library'};

/** Functions that lock are those that wait at a condition too: what is no lock isn't coloured as one. */
const withoutLock = (frame: FlameFrame): FlameFrame =>
	frame.kind === 'lock' ? {...frame, kind: 'library'} : frame;

/** Where threads slept and for how long: thread, stack from the outside in, and at its top what was waited for. */
export const offCpuGraph = (tallies: readonly ThreadTally[], lockOf: LockOf): FlameGraph => {
	const builder = createGraphBuilder();
	for (const {entry, places} of tallies) {
		for (const place of places.values()) {
			if (place.wait.kind === 'running') {
				continue;
			}

			const lock = lockOf(place);
			const frames = place.stack
				? mergedFrames(
						place.stack.names?.map(name => nativeFrame(name)),
						place.runtimeStack,
					)
				: [notRead];
			const leaf: FlameFrame = {
				name: waitTitle(place.wait, lock),
				kind: kindOf(place, lock),
			};
			builder.add(
				[
					threadFrame(entry.name),
					...(leaf.kind === 'wait' ? frames.map(withoutLock) : frames),
					leaf,
				],
				place.milliseconds,
			);
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
