import type {DescriptorBudget} from './descriptor-budget.js';
import {noDescriptor, type ThreadEntry} from './task-entry.js';
import type {TaskFiles} from './task-files.js';

// A thread that slept through this many sweeps will likely sleep on.
const quietSweeps = -5;

const isLongQuiet = ({sleeperSlot, activeSweeps}: ThreadEntry): boolean =>
	sleeperSlot >= 0 || activeSweeps <= quietSweeps;

const holdsAny = (entry: ThreadEntry): boolean =>
	entry.schedstatDescriptor !== noDescriptor || entry.statusDescriptor !== noDescriptor;

/**
Takes descriptors from threads that have been quiet, so that threads that run and got none find one in the next sweep. When more are
held than may be, because the kernel had none left, also from those that run.
*/
export const handOver = (
	threads: Iterable<ThreadEntry>,
	files: TaskFiles,
	budget: DescriptorBudget,
): void => {
	const excess = Math.max(0, budget.used - budget.limit);
	const wanted = Math.max(files.takeShortage(), excess);
	if (wanted === 0) {
		return;
	}

	let freed = 0;
	for (const entry of threads) {
		if (freed >= wanted) {
			return;
		}

		if (holdsAny(entry) && (excess > 0 || isLongQuiet(entry))) {
			freed += files.release(entry);
		}
	}
};
