import {attachToPython, createPythonSymbols} from '../runtimes/python/attach.js';
import {findPythonInterpreter, type PythonInterpreter} from '../runtimes/python/interpreter.js';
import type {PythonProcess} from '../runtimes/python/python-process.js';
import type {ProcessEntry} from '../sampler/task-entry.js';
import type {AddressSpaces} from './address-spaces.js';
import type {OwnThreadIds} from './own-thread-ids.js';

/** What is known of one process that runs CPython. */
export type PythonAttachment = {
	readonly generation: number;
	readonly interpreter: PythonInterpreter | undefined;
	/** Undefined until it could be attached to, or where its structures aren't known. */
	readonly python: PythonProcess | undefined;
	readonly attachedAt: number;
};

/** CPython in processes that are looked at: its symbols are looked up once in each file, and where it lies once in each process. */
export type PythonProcesses = {
	/** Undefined where it isn't one of CPython, or may not be looked into. */
	of(process: ProcessEntry): PythonAttachment | undefined;
};

// A process that has just begun has no interpreter state yet: it is tried again, but not each time.
const millisecondsBetweenAttempts = 10_000;
const millisecondsForStart = 1000;

export const createPythonProcesses = (
	procRoot: string,
	spaces: AddressSpaces,
	ids: OwnThreadIds,
): PythonProcesses => {
	const attachments = new WeakMap<ProcessEntry, PythonAttachment>();
	const symbols = createPythonSymbols();

	const attach = (process: ProcessEntry): PythonAttachment => {
		const space = spaces.of(process);
		const interpreter = findPythonInterpreter(space.mappings() ?? []);
		const tidOf = (ownTid: number) => ids.tidOf(process, ownTid);
		return {
			generation: process.generation,
			interpreter,
			python:
				interpreter &&
				attachToPython(procRoot, process.pid, interpreter, space.memory.read, tidOf, symbols),
			attachedAt: performance.now(),
		};
	};

	const isTooOld = ({python, attachedAt}: PythonAttachment, {sweeps}: ProcessEntry): boolean =>
		python === undefined &&
		performance.now() - attachedAt >
			(sweeps < 10 ? millisecondsForStart : millisecondsBetweenAttempts);

	return {
		of(process) {
			if (process.runtime?.name !== 'cpython' || process.waitsRefused) {
				return undefined;
			}

			const known = attachments.get(process);
			if (known?.generation === process.generation && !isTooOld(known, process)) {
				return known;
			}

			const attachment = attach(process);
			attachments.set(process, attachment);
			return attachment;
		},
	};
};
