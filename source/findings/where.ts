import type {Evidence} from '../model/finding.js';
import type {Process} from '../model/process.js';
import {frameFunction, knownApplicationFrame} from '../model/runtime-frame.js';
import type {Thread} from '../model/thread.js';
import {fact, procFile} from './parts.js';
import {plural} from './words.js';

/** A function of the application that threads were seen in. */
export type SeenIn = {
	/** The line that most of them are at: `_poll (pykafka/producer.py:312)`. */
	frame: string;
	/** How many threads, or how much of the looks. */
	weight: number;
};

/** Lines by function, the one with the most weight first. */
export const sumByFunction = (
	lines: readonly {frame: string; weight: number}[],
): readonly SeenIn[] => {
	const functions = new Map<string, {weight: number; lines: Map<string, number>}>();
	for (const {frame, weight} of lines) {
		const key = frameFunction(frame);
		const known = functions.get(key) ?? {weight: 0, lines: new Map<string, number>()};
		functions.set(key, known);
		known.weight += weight;
		known.lines.set(frame, (known.lines.get(frame) ?? 0) + weight);
	}

	return [...functions.values()]
		.map(each => ({
			frame: [...each.lines].sort((one, other) => other[1] - one[1])[0]![0],
			weight: each.weight,
		}))
		.sort((one, other) => other.weight - one.weight);
};

/** Line of the application that a thread is in, where its runtime tells. */
export const frameOf = (thread: Thread | undefined): string | undefined =>
	knownApplicationFrame(thread?.runtimeStack);

/** Functions of the application that threads are in, those of most threads first; threads whose runtime doesn't tell are left out. */
export const seenIn = (threads: readonly Thread[]): readonly SeenIn[] => {
	// Of thousands of threads, whose lines are few.
	const weights = new Map<string, number>();
	for (const thread of threads) {
		const frame = frameOf(thread);
		if (frame !== undefined) {
			weights.set(frame, (weights.get(frame) ?? 0) + 1);
		}
	}

	return sumByFunction([...weights].map(([frame, weight]) => ({frame, weight})));
};

/** Further ones are hardly ever what it is about. */
const functionsTold = 3;

/** The function that nearly all of the threads are in, whose runtime tells; nothing when they are here and there. */
const nearlyAll = 0.75;

export const commonFrame = (threads: readonly Thread[]): string | undefined => {
	const [first, ...others] = seenIn(threads);
	const total = others.reduce((sum, {weight}) => sum + weight, first?.weight ?? 0);
	return first !== undefined && first.weight >= total * nearlyAll ? first.frame : undefined;
};

/** Where threads are, as evidence: `37 threads in _poll (pykafka/producer.py:312)`; nothing where no runtime tells. */
export const whereEvidence = (
	what: string,
	threads: readonly Thread[],
	processes: readonly Process[],
): readonly Evidence[] => {
	const places = seenIn(threads).slice(0, functionsTold);
	return places.length === 0
		? []
		: [
				fact(
					what,
					places.map(({frame, weight}) => `${plural(weight, 'thread')} in ${frame}`).join('; '),
					'',
					procFile(processes, 'mem'),
				),
			];
};

/** `, in _poll (pykafka/producer.py:312)` to stand behind a thread's name; nothing where its runtime doesn't tell. */
export const inFrame = ({threads}: Process, tid: number): string => {
	const frame = frameOf(threads.find(thread => thread.tid === tid));
	return frame === undefined ? '' : `, in ${frame}`;
};

/** Threads of a process by their ids. */
export const threadsOf = ({threads}: Process, tids: readonly number[]): readonly Thread[] => {
	const wanted = new Set(tids);
	return threads.filter(({tid}) => wanted.has(tid));
};
