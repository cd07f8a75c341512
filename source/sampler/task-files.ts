import {
	closeDescriptor,
	failure,
	openDescriptor,
	readDescriptor,
	readPath,
} from '../procfs/descriptor.js';
import type {DescriptorBudget} from './descriptor-budget.js';
import type {Sleepers} from './sleepers.js';
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
	/** Gives back all; returns how many there were. */
	release(entry: ThreadEntry): number;
	path(entry: ThreadEntry, name: string): string;
	/** Threads whose schedstat is held. */
	readonly threadsHeld: number;
	/** Whether there are descriptors for threads that don't run. */
	readonly hasSpare: boolean;
	/** How often a descriptor was to be held and none was left, since the last call. */
	takeShortage(): number;
};

// Threads that begin to run find these.
const spareForActive = 16;

export const createTaskFiles = (
	procRoot: string,
	budget: DescriptorBudget,
	sleepers: Sleepers,
	/** A descriptor of a thread's schedstat that somebody else holds, or `noDescriptor`. */
	lentDescriptor: (entry: ThreadEntry) => number = () => noDescriptor,
): TaskFiles => {
	let threadsHeld = 0;
	let shortage = 0;
	let isScarce = false;

	const path = (entry: ThreadEntry, name: string): string =>
		`${procRoot}/${entry.process.pid}/task/${entry.tid}/${name}`;

	const keep = (entry: ThreadEntry, file: HeldFile, descriptor: number): void => {
		entry[file] = descriptor;
		threadsHeld += file === 'schedstatDescriptor' ? 1 : 0;
	};

	const releaseFile = (entry: ThreadEntry, file: HeldFile): number => {
		if (entry[file] === noDescriptor) {
			return 0;
		}

		closeDescriptor(entry[file]);
		entry[file] = noDescriptor;
		threadsHeld -= file === 'schedstatDescriptor' ? 1 : 0;
		budget.giveBack();
		return 1;
	};

	const releaseSecondary = (entry: ThreadEntry): number => {
		let released = 0;
		for (const file of secondaryFiles) {
			released += releaseFile(entry, file);
		}

		return released;
	};

	return {
		path,
		get threadsHeld() {
			return threadsHeld;
		},
		get hasSpare() {
			return !isScarce && budget.used < budget.limit - spareForActive;
		},
		takeShortage() {
			const taken = shortage;
			isScarce = taken > 0;
			shortage = 0;
			return taken;
		},
		read(entry, file, buffer, hold) {
			if (entry[file] !== noDescriptor) {
				return readDescriptor(entry[file], buffer);
			}

			const lent = file === 'schedstatDescriptor' ? lentDescriptor(entry) : noDescriptor;
			if (lent !== noDescriptor) {
				return readDescriptor(lent, buffer);
			}

			const filePath = path(entry, fileNames[file]);
			if (!hold) {
				return readPath(filePath, buffer);
			}

			if (!budget.take()) {
				shortage++;
				return readPath(filePath, buffer);
			}

			const descriptor = openDescriptor(filePath);
			if (descriptor < 0) {
				budget.giveBack();
				if (descriptor === failure.exhausted) {
					shortage++;
					budget.exhaust();
				}

				return descriptor;
			}

			keep(entry, file, descriptor);
			return readDescriptor(descriptor, buffer);
		},
		releaseSecondary,
		release(entry) {
			// Sleepers are read by their descriptor.
			sleepers.wake(entry);
			return releaseSecondary(entry) + releaseFile(entry, 'schedstatDescriptor');
		},
	};
};
