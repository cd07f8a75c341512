import {readDescriptor} from '../procfs/descriptor.js';
import {parseSchedstat, type Schedstat} from '../procfs/schedstat.js';
import {noDescriptor, type ThreadEntry} from './task-entry.js';

/**
Threads that have slept for some sweeps. Most threads of most machines do, and all that is asked of them is whether their schedstat
is still the same text: those texts lie side by side in one array, so that a sweep over them touches next to no other memory.
*/
export type Sleepers = {
	readonly size: number;
	/** Takes a thread in, if its counters are still those that the entry keeps. */
	add(entry: ThreadEntry): void;
	/** Gives a thread back to those that are read one by one; nothing when it isn't among the sleepers. */
	wake(entry: ThreadEntry): void;
	/** Reads all of them and wakes those that ran or can't be read. Yields now and then. */
	sweep(): Generator<void, void, void>;
};

/** Three numbers of 64 bits with blanks between them and a newline behind: 63 characters at most. */
const textBytes = 64;
const textWords = textBytes / 4;
const sleepersBetweenYields = 256;
const firstCapacity = 256;

const bytes = new Uint8Array(textBytes);
const words = new Uint32Array(bytes.buffer);
const counters: Schedstat = {runNanoseconds: 0, delayNanoseconds: 0, slices: 0};

/** Whether the counters that the entry keeps are those of the text that was just read. */
const isAsKept = (entry: ThreadEntry, length: number): boolean =>
	parseSchedstat(bytes, length, counters) &&
	counters.slices === entry.slices &&
	counters.runNanoseconds === entry.runNanoseconds &&
	counters.delayNanoseconds === entry.delayNanoseconds;

export const createSleepers = (): Sleepers => {
	const entries: ThreadEntry[] = [];
	let capacity = firstCapacity;
	let texts = new Uint32Array(capacity * textWords);
	let descriptors = new Int32Array(capacity);
	let readAt = new Float64Array(capacity);

	const grow = (): void => {
		capacity *= 2;
		const [oldTexts, oldDescriptors, oldReadAt] = [texts, descriptors, readAt];
		texts = new Uint32Array(capacity * textWords);
		descriptors = new Int32Array(capacity);
		readAt = new Float64Array(capacity);
		texts.set(oldTexts);
		descriptors.set(oldDescriptors);
		readAt.set(oldReadAt);
	};

	/** Reads a thread's text; what is behind its end is zero, as it is where texts are kept. */
	const read = (descriptor: number): number => {
		const length = readDescriptor(descriptor, bytes);
		bytes.fill(0, Math.max(0, length));
		return length;
	};

	const isSame = (slot: number): boolean => {
		const from = slot * textWords;
		for (let index = 0; index < textWords; index++) {
			if (words[index] !== texts[from + index]) {
				return false;
			}
		}

		return true;
	};

	/** Fills the place of one that leaves with the last one. */
	const removeSlot = (slot: number): void => {
		const last = entries.length - 1;
		const moved = entries[last]!;
		entries[slot] = moved;
		moved.sleeperSlot = slot;
		texts.copyWithin(slot * textWords, last * textWords, (last + 1) * textWords);
		descriptors[slot] = descriptors[last]!;
		readAt[slot] = readAt[last]!;
		entries.length = last;
	};

	const wake = (entry: ThreadEntry): void => {
		const slot = entry.sleeperSlot;
		if (slot < 0) {
			return;
		}

		entry.readAtMilliseconds = readAt[slot]!;
		removeSlot(slot);
		entry.sleeperSlot = -1;
		entry.process.awake.add(entry);
	};

	return {
		get size() {
			return entries.length;
		},
		wake,
		add(entry) {
			if (entry.sleeperSlot >= 0 || entry.schedstatDescriptor === noDescriptor) {
				return;
			}

			const now = performance.now();
			if (!isAsKept(entry, read(entry.schedstatDescriptor))) {
				return;
			}

			if (entries.length === capacity) {
				grow();
			}

			const slot = entries.length;
			entries.push(entry);
			entry.sleeperSlot = slot;
			texts.set(words, slot * textWords);
			descriptors[slot] = entry.schedstatDescriptor;
			readAt[slot] = now;
			entry.process.awake.delete(entry);
		},
		*sweep() {
			// From the last to the first: one that wakes is replaced by one that has been read.
			for (let slot = entries.length - 1; slot >= 0; slot--) {
				if (slot >= entries.length) {
					// Others left while this sweep rested.
					continue;
				}

				const now = performance.now();
				if (read(descriptors[slot]!) > 0 && isSame(slot)) {
					readAt[slot] = now;
				} else {
					wake(entries[slot]!);
				}

				if (slot % sleepersBetweenYields === 0) {
					yield;
				}
			}
		},
	};
};
