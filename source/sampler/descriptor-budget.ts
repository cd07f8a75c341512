import {readText} from '../procfs/read-text.js';

/** How many descriptors may be held on threads' files. */
export type DescriptorBudget = {
	readonly limit: number;
	readonly used: number;
	/** Takes one if there is one left. */
	take(): boolean;
	giveBack(): void;
	/** The kernel had none left, whatever the limit says: some must stay free for the rest of the program. */
	exhaust(): void;
};

// For everything else that the program opens: terminal, files of the machine, memory of processes, saved files.
const reserve = 160;
/** A process near its limit is a finding of the pre-flight's: ctop must not be one. */
const usedShare = 0.8;
const assumedLimit = 1024;

/** RLIMIT_NOFILE of this process; Node.js has raised the soft limit to the hard one when it started. */
export const openFilesLimit = (): number => {
	const text = readText('/proc/self/limits') ?? '';
	const soft = /^Max open files\s+(\d+|unlimited)/m.exec(text)?.[1];
	if (soft === undefined) {
		return assumedLimit;
	}

	return soft === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(soft);
};

export const createDescriptorBudget = (openFiles = openFilesLimit()): DescriptorBudget => {
	let limit = Math.max(0, Math.min(openFiles - reserve, Math.floor(openFiles * usedShare)));
	let used = 0;
	return {
		get limit() {
			return limit;
		},
		get used() {
			return used;
		},
		take() {
			if (used >= limit) {
				return false;
			}

			used++;
			return true;
		},
		giveBack() {
			used--;
		},
		exhaust() {
			limit = Math.min(limit, Math.max(0, used - reserve));
		},
	};
};
