import type {FrameSource, ProcessFrames} from '../observer/runtime-stacks.js';
import type {ProcessEntry, ThreadEntry} from '../sampler/task-entry.js';

/** Frames of the language runtime of one process's threads. */
export type RuntimeStacks = {
	/** What was read before may be something else by now. */
	beginRound(): void;
	/** Whether there are such frames: a program without has only what its stack says. */
	readonly isThere: boolean;
	/** Whether it tells of a thread that runs where it is: what is read only of sleeping ones says nothing about time on a CPU. */
	readonly tellsOfRunning: boolean;
	/** Innermost first; undefined where the thread runs no such code or it can't be read, as that of some runtimes while it runs. */
	read(entry: ThreadEntry, isAsleep: boolean): readonly string[] | undefined;
};

export const createRuntimeStacks = (
	process: ProcessEntry,
	sourceOf: (process: ProcessEntry) => FrameSource | undefined,
): RuntimeStacks => {
	let framesNow: ProcessFrames | undefined;
	let isBegun = false;
	return {
		get isThere() {
			return sourceOf(process) !== undefined;
		},
		get tellsOfRunning() {
			return sourceOf(process)?.onlyAtRest === false;
		},
		beginRound() {
			isBegun = false;
		},
		read(entry, isAsleep) {
			const source = sourceOf(process);
			if (!source || (source.onlyAtRest && !isAsleep)) {
				return undefined;
			}

			if (!isBegun) {
				framesNow = source.of(process);
				isBegun = true;
			}

			const frames = framesNow?.of(entry);
			return frames?.length ? frames : undefined;
		},
	};
};
