import type {Jvm} from '../runtimes/jvm/jvm.js';
import {jvmThreadRole} from '../runtimes/jvm/roles.js';
import type {ProcessEntry} from '../sampler/task-entry.js';
import type {OwnThreadIds} from './own-thread-ids.js';
import type {PythonProcesses} from './python-processes.js';
import type {FrameSource} from './runtime-stacks.js';

export type FrameSourceParts = {
	pythons: PythonProcesses;
	/** Undefined where it can't be looked into. */
	jvmOf: (process: ProcessEntry) => Jvm | undefined;
	ids: OwnThreadIds;
};

const runsJava = 'running Java code: no frame recorded';

/** Where the frames of a process's threads come from; undefined where its runtime doesn't tell. */
export const createFrameSources = ({
	pythons,
	jvmOf,
	ids,
}: FrameSourceParts): ((process: ProcessEntry) => FrameSource | undefined) => {
	const ofPython: FrameSource = {
		onlyAtRest: false,
		of(process) {
			const python = pythons.of(process)?.python;
			if (!python) {
				return undefined;
			}

			python.refresh();
			const states = python.threads();
			return {
				of({tid}) {
					const state = states.get(tid);
					return state && [...python.frames(state)];
				},
				noteOfRunning: () => undefined,
			};
		},
	};

	const ofJvm: FrameSource = {
		// HotSpot notes where a thread is only when it leaves Java code.
		onlyAtRest: true,
		of(process) {
			const jvm = jvmOf(process);
			if (!jvm) {
				return undefined;
			}

			const threads = new Map(
				jvm.threads().map(thread => [ids.tidOf(process, thread.ownTid), thread]),
			);
			return {
				of({tid}) {
					const thread = threads.get(tid);
					return thread && jvm.frames(thread);
				},
				noteOfRunning({tid, name}) {
					const thread = threads.get(tid);
					// Its compilers stand among Java's threads too, and run none.
					return thread && jvmThreadRole(name) === undefined && jvm.javaStackPointer(thread) === 0
						? runsJava
						: undefined;
				},
			};
		},
	};

	const sources = new Map([
		['cpython', ofPython],
		['jvm', ofJvm],
	]);
	return ({runtime}) => sources.get(runtime?.name ?? '');
};
