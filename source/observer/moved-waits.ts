import process from 'node:process';
import type {ProcessEntry, ThreadEntry} from '../sampler/task-entry.js';
import type {Target} from '../targets/target.js';
import type {Rights} from './access.js';
import type {WaitReader} from './wait-reader.js';

/** Waits of all threads are read at start, which takes a while on a big machine: the rest follows in the next ticks. */
const millisecondsForWaits = 40;
const threadsBetweenClockReads = 32;

export type MovedWaitsParts = {
	target: Target;
	rights: Rights;
	waits: WaitReader;
	/** Told of each thread whose wait was read. */
	note: (entry: ThreadEntry) => void;
};

/** Reads what the threads that ran wait for now. Those that there is no time for are read in the next tick. */
export const createMovedWaits = ({
	target,
	rights,
	waits,
	note,
}: MovedWaitsParts): ((moved: readonly ThreadEntry[]) => void) => {
	/** Whether it's another user's process that this user may not look into. */
	const isOthers = ({userId, kernelThread}: ProcessEntry): boolean =>
		target.ownKernel &&
		!rights.tracesOthers &&
		!kernelThread &&
		userId !== undefined &&
		userId !== process.getuid?.();

	const leaveForLater = (late: ThreadEntry): void => {
		// Nobody has to ask to know what would be refused.
		const untold = isOthers(late.process) && late.state !== 'R' ? null : undefined;
		late.process.waitsRefused ||= untold === null;
		late.wait = untold;
		late.waitChannel = untold;
	};

	return moved => {
		const began = performance.now();
		for (const [index, entry] of moved.entries()) {
			if (
				index % threadsBetweenClockReads === 0 &&
				performance.now() - began > millisecondsForWaits
			) {
				moved.slice(index).forEach(leaveForLater);
				return;
			}

			waits.update(entry);
			note(entry);
		}
	};
};
