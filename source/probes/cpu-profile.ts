import type {FlameFrame} from '../model/flame-graph.js';
import type {CpuProfile} from '../model/probe.js';
import {createGraphBuilder, mergedFrames, nativeFrame, threadFrame} from './graph-builder.js';
import {perfHertz} from './perf.js';
import type {PerfFrame, PerfSample} from './perf-script.js';
import {symbolTable} from './symbols.js';

/** Where a thread was in its runtime's code at one moment. */
export type RuntimeLook = {
	tid: number;
	/** On the monotonic clock. */
	seconds: number;
	/** Innermost first. */
	frames: readonly string[];
};

/** A look tells what a thread ran so long before and after it. */
const secondsOfOneLook = 0.25;

/** The look that is nearest in time, of those at one thread, in order of time. */
export const nearestLook = (
	looks: readonly RuntimeLook[],
	seconds: number,
): RuntimeLook | undefined => {
	let low = 0;
	let high = looks.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (looks[middle]!.seconds < seconds) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}

	const [before, after] = [looks[low - 1], looks[low]];
	const distance = (look: RuntimeLook | undefined) =>
		look === undefined ? Number.POSITIVE_INFINITY : Math.abs(look.seconds - seconds);
	const nearest = distance(before) < distance(after) ? before : after;
	return distance(nearest) <= secondsOfOneLook ? nearest : undefined;
};

/** A frame of perf's as one of a flame graph. */
export const asFrame = ({name, file, isKernel}: PerfFrame): FlameFrame =>
	name === '[unknown]' && file !== '' && !file.startsWith('[')
		? {...nativeFrame(`${file}+0x0`, {file}), name: `[${file}]`}
		: nativeFrame(name, {isKernel, file});

const byThread = (looks: readonly RuntimeLook[]): ReadonlyMap<number, readonly RuntimeLook[]> => {
	const map = new Map<number, RuntimeLook[]>();
	for (const look of looks) {
		const known = map.get(look.tid);
		if (known) {
			known.push(look);
		} else {
			map.set(look.tid, [look]);
		}
	}

	return map;
};

/**
perf's samples as a profile. Where a thread runs code of a runtime, the frames of the look at it that is nearest in time stand for those
of its interpreter.
*/
export const perfProfile = (
	samples: readonly PerfSample[],
	looks: readonly RuntimeLook[],
): CpuProfile | undefined => {
	const builder = createGraphBuilder();
	const looksOf = byThread(looks);
	for (const {name, tid, seconds, frames} of samples) {
		const look = nearestLook(looksOf.get(tid) ?? [], seconds);
		builder.add(
			[threadFrame(name), ...mergedFrames(frames.map(asFrame), look?.frames)],
			1000 / perfHertz,
		);
	}

	const graph = builder.graph();
	return samples.length === 0
		? undefined
		: {source: 'perf', samples: samples.length, graph, symbols: symbolTable(graph)};
};
