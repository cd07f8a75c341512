import type {ProcessKernelWork, ThreadKernelWork} from '../model/kernel-work.js';
import type {Reading} from '../model/reading.js';
import type {ProcessEntry, ThreadEntry} from '../sampler/task-entry.js';
import {burnsInKernel, mayBurnInLoop} from './kernel-burners.js';
import {followProcessWork, type ProcessWork} from './process-kernel-work.js';
import {type ReadySocketsWatch, watchReadySockets} from './ready-sockets.js';
import {ofSameProgram} from './same-program.js';
import {readWorkCounters, type WorkCounters, workBetween} from './thread-kernel-work.js';
import {createWorkBudget} from './work-budget.js';

/** Reads what threads that burn a CPU in the kernel get done there; of all others nothing. */
export type KernelWorkObserver = {
	/** Once a tick. */
	update(processes: Iterable<ProcessEntry>): void;
	/** A quick look at what such processes have open; several times between two ticks. */
	look(): void;
};

type Watched = {
	generation: number;
	startTimeTicks: number;
	work: ProcessWork;
	ready: ReadySocketsWatch;
	/** Whether all of it is read: most that compute have no such socket, and nothing else is read of them. */
	isSuspected: boolean;
	/** Of each of its threads that is looked at; undefined where they can't be read. */
	counters: Map<ThreadEntry, WorkCounters | undefined>;
	readAtMilliseconds: number;
};

/** Rates over less than about a second are noise. */
const millisecondsBetweenReadings = 900;
const millisecondsPerTick = 4;
const millisecondsPerLook = 0.5;
/** Of a pool in which all spin, some tell enough. */
const mostThreadsOfOne = 16;
const none: readonly ThreadEntry[] = [];

const burnersOf = ({active, kernelThread, awake}: ProcessEntry): readonly ThreadEntry[] => {
	let burners: ThreadEntry[] | undefined;
	if (active && !kernelThread) {
		for (const entry of awake) {
			if (mayBurnInLoop(entry)) {
				burners ??= [];
				burners.push(entry);
			}
		}
	}

	return burners?.slice(0, mostThreadsOfOne) ?? none;
};

const setWorkOfThread = (entry: ThreadEntry, work: ThreadKernelWork | undefined): void => {
	if (entry.kernelWork !== work) {
		entry.kernelWork = work;
		entry.dirty = true;
		entry.process.dirty = true;
	}
};

const setWorkOfProcess = (entry: ProcessEntry, work: Reading<ProcessKernelWork>): void => {
	if (entry.kernelWork !== work) {
		entry.kernelWork = work;
		entry.dirty = true;
	}
};

export const createKernelWorkObserver = (procRoot: string): KernelWorkObserver => {
	const watched = new Map<ProcessEntry, Watched>();
	const budget = createWorkBudget(millisecondsPerTick);
	let next = 0;

	const readAt = (process: ProcessEntry): number => watched.get(process)?.readAtMilliseconds ?? 0;

	const forgetWork = (process: ProcessEntry, {counters}: Watched): void => {
		setWorkOfProcess(process, undefined);
		for (const entry of counters.keys()) {
			setWorkOfThread(entry, undefined);
		}

		counters.clear();
	};

	const forget = (process: ProcessEntry): void => {
		const each = watched.get(process);
		if (each) {
			watched.delete(process);
			forgetWork(process, each);
		}
	};

	const watch = (process: ProcessEntry): Watched => {
		const {pid, generation, startTimeTicks} = process;
		const known = ofSameProgram(watched.get(process), process);
		if (known) {
			return known;
		}

		forget(process);
		const each: Watched = {
			generation,
			startTimeTicks,
			work: followProcessWork(procRoot, pid),
			ready: watchReadySockets(procRoot, pid),
			isSuspected: false,
			counters: new Map(),
			readAtMilliseconds: -millisecondsBetweenReadings,
		};
		watched.set(process, each);
		return each;
	};

	const readThread = (each: Watched, entry: ThreadEntry): void => {
		const before = each.counters.get(entry);
		const counters = readWorkCounters(procRoot, entry);
		each.counters.set(entry, counters);
		setWorkOfThread(entry, before && counters && workBetween(before, counters));
	};

	const readOne = (process: ProcessEntry, burners: readonly ThreadEntry[]): void => {
		const each = watch(process);
		const now = performance.now();
		for (const entry of each.counters.keys()) {
			if (!burners.includes(entry)) {
				each.counters.delete(entry);
				setWorkOfThread(entry, undefined);
			}
		}

		if (now - each.readAtMilliseconds >= millisecondsBetweenReadings) {
			each.readAtMilliseconds = now;
			const ready = each.ready.read();
			each.isSuspected = ready.length > 0 || burners.some(burnsInKernel);
			if (each.isSuspected) {
				setWorkOfProcess(process, each.work.read(ready));
				for (const entry of burners) {
					readThread(each, entry);
				}
			} else {
				forgetWork(process, each);
			}
		}
	};

	return {
		update(processes) {
			budget.refill();
			const before = new Set(watched.keys());
			const wanted: {process: ProcessEntry; burners: readonly ThreadEntry[]}[] = [];
			for (const process of processes) {
				const burners = burnersOf(process);
				if (burners.length > 0) {
					before.delete(process);
					wanted.push({process, burners});
				}
			}

			// Those whose turn was longest ago first.
			wanted.sort((one, other) => readAt(one.process) - readAt(other.process));
			for (const {process, burners} of wanted) {
				if (budget.mayBegin()) {
					budget.spend(() => readOne(process, burners));
				}
			}

			// What was seen of the others isn't true any more.
			for (const process of before) {
				forget(process);
			}
		},
		look() {
			const began = performance.now();
			const all = [...watched.values()].filter(({isSuspected}) => isSuspected);
			for (let count = 0; count < all.length; count++) {
				all[next++ % all.length]!.work.look();
				if (performance.now() - began > millisecondsPerLook) {
					return;
				}
			}
		},
	};
};
