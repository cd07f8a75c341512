import {
	closeDescriptor,
	failure,
	openDescriptor,
	readDescriptor,
	readPath,
} from '../procfs/descriptor.js';
import type {DescriptorBudget} from './descriptor-budget.js';
import {noDescriptor, type ThreadEntry} from './task-entry.js';

/** The files of a thread that may be held open, by the place where their descriptor is kept. */
const fileNames = {
	schedstatDescriptor: 'schedstat',
	statusDescriptor: 'status',
	syscallDescriptor: 'syscall',
	waitChannelDescriptor: 'wchan',
} as const;

export type HeldFile = keyof typeof fileNames;

/** Files that are held only as long as a thread keeps running; its schedstat is held as long as it lives. */
const secondaryFiles = [
	'statusDescriptor',
	'syscallDescriptor',
	'waitChannelDescriptor',
] as const satisfies readonly HeldFile[];

/** Reads files of threads: in place where a descriptor is held, else by open, read and close. */
export type TaskFiles = {
	/** Reads into the buffer; a length, or a failure of descriptor.ts. With `hold` the descriptor is kept if there is one left. */
	read(entry: ThreadEntry, file: HeldFile, buffer: Uint8Array, hold: boolean): number;
	/** Gives back what is held only for threads that keep running. */
	releaseSecondary(entry: ThreadEntry): void;
	/** Gives back all. */
	release(entry: ThreadEntry): void;
	path(entry: ThreadEntry, name: string): string;
};

export const createTaskFiles = (procRoot: string, budget: DescriptorBudget): TaskFiles => {
	const path = (entry: ThreadEntry, name: string): string =>
		`${procRoot}/${entry.process.pid}/task/${entry.tid}/${name}`;

	const releaseFile = (entry: ThreadEntry, file: HeldFile): void => {
		if (entry[file] !== noDescriptor) {
			closeDescriptor(entry[file]);
			entry[file] = noDescriptor;
			budget.giveBack();
		}
	};

	const releaseSecondary = (entry: ThreadEntry): void => {
		for (const file of secondaryFiles) {
			releaseFile(entry, file);
		}
	};

	return {
		path,
		read(entry, file, buffer, hold) {
			if (entry[file] !== noDescriptor) {
				return readDescriptor(entry[file], buffer);
			}

			const filePath = path(entry, fileNames[file]);
			if (!hold || !budget.take()) {
				return readPath(filePath, buffer);
			}

			const descriptor = openDescriptor(filePath);
			if (descriptor < 0) {
				budget.giveBack();
				if (descriptor === failure.exhausted) {
					budget.exhaust();
				}

				return descriptor;
			}

			entry[file] = descriptor;
			return readDescriptor(descriptor, buffer);
		},
		releaseSecondary,
		release(entry) {
			releaseSecondary(entry);
			releaseFile(entry, 'schedstatDescriptor');
		},
	};
};
