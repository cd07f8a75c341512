import type {Process} from '../model/process.js';
import type {Thread} from '../model/thread.js';
import {printable} from './printable.js';
import {addRates, noRates, type Rates, ratesOf, switchesOf} from './rates.js';
import {waitClass} from './waiting-on.js';

/** Threads of one process that do the same: they have one row together until it is opened. */
export type ThreadGroup = {
	/** Stable within the process while the threads go on doing the same. */
	id: string;
	wait: string;
	/** Their name, digits as `#`. Safe to print. */
	namePattern: string;
	threads: readonly Thread[];
	/** Sums. */
	rates: Rates;
};

export const smallestGroup = 3;

/** Below this many switches a second two threads count as equally idle. */
const idleSwitchesPerSecond = 1;

const namePattern = (name: string): string => printable(name.replaceAll(/\d+/g, '#'));

/** Threads that were looked at repeatedly flip between running and waiting; what they mostly did is steadier. */
const stateClass = (thread: Thread): string =>
	thread.waits === undefined || thread.waits.length === 0 ? thread.state : '';

const switches = (thread: Thread): number => switchesOf(ratesOf(thread)) ?? 0;

/** Runs of a list, in falling order, whose rates are within a factor of two. */
const splitByRate = (threads: readonly Thread[]): Thread[][] => {
	const runs: Thread[][] = [];
	let top = 0;
	for (const thread of threads.toSorted((a, b) => switches(b) - switches(a) || a.tid - b.tid)) {
		const rate = switches(thread);
		if (runs.length > 0 && (rate >= top / 2 || top <= idleSwitchesPerSecond)) {
			runs.at(-1)!.push(thread);
			continue;
		}

		top = rate;
		runs.push([thread]);
	}

	return runs;
};

/**
Threads in groups of alike ones: the same kind of wait, the same state, the same name
but for digits, rates within a factor of two. The main thread stands by itself, and so
do threads that have fewer than two like them.
*/
export const groupThreads = (
	process: Process,
	threads: readonly Thread[] = process.threads,
): {groups: ThreadGroup[]; single: Thread[]} => {
	const byLikeness = new Map<string, Thread[]>();
	const single: Thread[] = [];
	for (const thread of threads) {
		if (thread.tid === process.pid) {
			single.push(thread);
			continue;
		}

		const likeness = `${waitClass(process, thread).key}|${stateClass(thread)}|${namePattern(thread.name)}`;
		const alike = byLikeness.get(likeness);
		if (alike === undefined) {
			byLikeness.set(likeness, [thread]);
		} else {
			alike.push(thread);
		}
	}

	const groups: ThreadGroup[] = [];
	for (const [likeness, alike] of byLikeness) {
		for (const [index, run] of splitByRate(alike).entries()) {
			if (run.length < smallestGroup) {
				single.push(...run);
				continue;
			}

			groups.push({
				id: `${likeness}|${index}`,
				wait: waitClass(process, run[0]!).text,
				namePattern: namePattern(run[0]!.name),
				threads: run,
				rates: run.map(thread => ratesOf(thread)).reduce(addRates, noRates),
			});
		}
	}

	return {groups, single};
};
