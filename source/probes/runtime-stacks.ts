import type {PythonProcesses} from '../observer/python-processes.js';
import type {ThreadState} from '../runtimes/python/thread-states.js';
import type {ProcessEntry, ThreadEntry} from '../sampler/task-entry.js';

/** Frames of the language runtime of one process's threads. */
export type RuntimeStacks = {
	/** What was read before may be something else by now. */
	beginRound(): void;
	/** Innermost first; undefined where the thread runs no such code or it can't be read. */
	read(entry: ThreadEntry): readonly string[] | undefined;
};

export const createRuntimeStacks = (
	process: ProcessEntry,
	pythons: PythonProcesses,
): RuntimeStacks => {
	let states: ReadonlyMap<number, ThreadState> | undefined;
	return {
		beginRound() {
			states = undefined;
		},
		read({tid}) {
			const python = pythons.of(process)?.python;
			if (!python) {
				return undefined;
			}

			if (!states) {
				python.refresh();
				states = python.threads();
			}

			const state = states.get(tid);
			const frames = state ? [...python.frames(state)] : [];
			return frames.length > 0 ? frames : undefined;
		},
	};
};
