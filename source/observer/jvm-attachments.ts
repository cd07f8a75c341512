import {attachToJvm, findJvmLibrary, type JvmAttachment} from '../runtimes/jvm/attach.js';
import type {Jvm} from '../runtimes/jvm/jvm.js';
import type {ProcessEntry} from '../sampler/task-entry.js';
import type {AddressSpaces} from './address-spaces.js';
import {ofSameProgram} from './same-program.js';
import type {WorkBudget} from './work-budget.js';

/** Readers of JVMs, made once for each process. */
export type JvmAttachments = {
	/** Undefined where it can't be looked into, or there was no time yet to begin with it. */
	of(process: ProcessEntry): Jvm | undefined;
	/** What this JVM's description of itself lacks, where that is why it can't be looked into. */
	lacking(process: ProcessEntry): string | undefined;
};

type Known = {
	generation: number;
	startTimeTicks: number;
	triedAt: number;
	attachment: JvmAttachment;
};

// A JVM that has just begun has not filled its tables yet.
const millisecondsBetweenAttempts = 10_000;

export const createJvmAttachments = (
	procRoot: string,
	spaces: AddressSpaces,
	budget: WorkBudget,
): JvmAttachments => {
	const known = new WeakMap<ProcessEntry, Known>();

	const attach = (process: ProcessEntry): JvmAttachment => {
		const space = spaces.of(process);
		const library = findJvmLibrary(space.mappings() ?? []);
		return library
			? attachToJvm(procRoot, process.pid, library, space.memory.read)
			: {state: 'unreadable'};
	};

	const current = (process: ProcessEntry): Known | undefined =>
		ofSameProgram(known.get(process), process);

	return {
		of(process) {
			if (process.waitsRefused) {
				return undefined;
			}

			let found = current(process);
			const isDue =
				found === undefined ||
				(found.attachment.state !== 'attached' &&
					performance.now() - found.triedAt > millisecondsBetweenAttempts);
			if (isDue && budget.mayBegin()) {
				const {generation, startTimeTicks} = process;
				const attachment = budget.spend(() => attach(process));
				found = {generation, startTimeTicks, triedAt: performance.now(), attachment};
				known.set(process, found);
			}

			return found?.attachment.state === 'attached' ? found.attachment.jvm : undefined;
		},
		lacking(process) {
			const attachment = current(process)?.attachment;
			return attachment?.state === 'unknown' ? attachment.lacks : undefined;
		},
	};
};
