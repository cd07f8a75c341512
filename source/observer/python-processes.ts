import {attachToPython, createPythonSymbols} from '../runtimes/python/attach.js';
import {findPythonInterpreter, type PythonInterpreter} from '../runtimes/python/interpreter.js';
import type {PythonProcess} from '../runtimes/python/python-process.js';
import type {ProcessEntry} from '../sampler/task-entry.js';
import type {SymbolSearch} from '../symbols/symbol-search.js';
import type {AddressSpaces} from './address-spaces.js';
import type {OwnThreadIds} from './own-thread-ids.js';
import {createWorkBudget} from './work-budget.js';

/** What is known of one process that runs CPython. */
export type PythonAttachment = {
	readonly generation: number;
	readonly interpreter: PythonInterpreter | undefined;
	/** Undefined until it could be attached to, or where its structures aren't known. */
	readonly python: PythonProcess | undefined;
	readonly attachedAt: number;
	/** Whether its symbols are still looked for. */
	readonly isPending: boolean;
};

/** CPython in processes that are looked at: its symbols are looked up once in each file, in the background, and where it lies once in each process. */
export type PythonProcesses = {
	/** Undefined where it isn't one of CPython, or may not be looked into. */
	of(process: ProcessEntry): PythonAttachment | undefined;
	/** Gives new time for those that were not looked at yet; where there's none left, their turn is in a later tick. */
	beginTick(): void;
};

// A process that has just begun has no interpreter state yet: it is tried again, but not each time.
const millisecondsBetweenAttempts = 10_000;
const millisecondsForStart = 1000;
const millisecondsForSymbols = 50;
// Maps of a large program.
const millisecondsPerTick = 10;

export const createPythonProcesses = (
	procRoot: string,
	spaces: AddressSpaces,
	ids: OwnThreadIds,
	search: SymbolSearch,
): PythonProcesses => {
	const attachments = new WeakMap<ProcessEntry, PythonAttachment>();
	const symbols = createPythonSymbols(procRoot, search);
	const budget = createWorkBudget(millisecondsPerTick);

	const attach = (process: ProcessEntry): PythonAttachment => {
		const space = spaces.of(process);
		const interpreter = findPythonInterpreter(space.mappings() ?? []);
		const tidOf = (ownTid: number) => ids.tidOf(process, ownTid);
		const addresses = interpreter && symbols(process.pid, interpreter);
		return {
			generation: process.generation,
			interpreter,
			python:
				interpreter &&
				addresses &&
				attachToPython(interpreter, addresses, space.memory.read, tidOf),
			attachedAt: performance.now(),
			isPending: interpreter !== undefined && addresses === undefined,
		};
	};

	const isTooOld = (
		{python, attachedAt, isPending}: PythonAttachment,
		{sweeps}: ProcessEntry,
	): boolean => {
		const untilNext = sweeps < 10 ? millisecondsForStart : millisecondsBetweenAttempts;
		return (
			python === undefined &&
			performance.now() - attachedAt > (isPending ? millisecondsForSymbols : untilNext)
		);
	};

	return {
		beginTick: budget.refill,
		of(process) {
			if (process.runtime?.name !== 'cpython' || process.waitsRefused) {
				return undefined;
			}

			const known = attachments.get(process);
			if (known?.generation === process.generation && !isTooOld(known, process)) {
				return known;
			}

			if (!budget.mayBegin()) {
				return undefined;
			}

			const attachment = budget.spend(() => attach(process));
			attachments.set(process, attachment);
			return attachment;
		},
	};
};
