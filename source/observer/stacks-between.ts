import type {ProcessEntry, ThreadEntry} from '../sampler/task-entry.js';
import type {StackObserver} from './stack-observer.js';
import {isUndecided} from './word-table.js';

/**
Reads stacks between two ticks, of threads at words of which nothing but a stack tells what they are: of two or three threads that wait for a part
of their time only, none may be asleep whenever a tick comes.
*/
export type StacksBetween = {
	/** Once a tick, with the processes that have locks. */
	choose(processes: Iterable<ProcessEntry>): void;
	/** Between two ticks: tries one. */
	look(): void;
};

/** Of more of them one is asleep at nearly each tick. */
const mostWaiters = 4;
/** Seldom waited for, nobody asks what it is. */
const leastWaiters = 0.1;
/** A program without symbols never tells. */
const mostTries = 20;

export const createStacksBetween = (
	threads: ReadonlyMap<number, ThreadEntry>,
	stacks: StackObserver,
): StacksBetween => {
	const tries = new WeakMap<ProcessEntry, number>();
	let chosen: readonly ThreadEntry[] = [];
	let next = 0;

	const undecidedOf = (process: ProcessEntry): readonly ThreadEntry[] =>
		(tries.get(process) ?? 0) >= mostTries
			? []
			: (process.locks ?? []).flatMap(lock =>
					isUndecided(lock) &&
					lock.waitersAverage >= leastWaiters &&
					lock.waiterTids.length <= mostWaiters
						? lock.waiterTids.flatMap(tid => threads.get(tid) ?? [])
						: [],
				);

	return {
		choose(processes) {
			chosen = [...processes].flatMap(undecidedOf);
		},
		look() {
			const entry = chosen[next++ % Math.max(1, chosen.length)];
			if (entry) {
				tries.set(entry.process, (tries.get(entry.process) ?? 0) + 1);
				stacks.read(entry);
			}
		},
	};
};
