import type {FlameGraph} from '../model/flame-graph.js';
import type {CpuProfile} from '../model/probe.js';
import {evaluators} from './graph-builder.js';

const symbolsTold = 100;

/** The function that a stack's time is its own: of an interpreter that runs a function of the program's, that one. */
const ownFrame = (frames: FlameGraph['frames'], stack: readonly number[]): number | undefined => {
	const innermost = stack.at(-1);
	const caller = stack.at(-2);
	return innermost !== undefined &&
		caller !== undefined &&
		evaluators.test(frames[innermost]!.name) &&
		frames[caller]!.kind === 'application'
		? caller
		: innermost;
};

/** Functions by the share of time that they ran themselves, and with what they called; busiest first, as in `perf report`. */
export const symbolTable = ({frames, stacks}: FlameGraph): CpuProfile['symbols'] => {
	const self = new Map<number, number>();
	const total = new Map<number, number>();
	let all = 0;
	for (const {frames: stack, milliseconds} of stacks) {
		all += milliseconds;
		const innermost = ownFrame(frames, stack);
		if (innermost !== undefined) {
			self.set(innermost, (self.get(innermost) ?? 0) + milliseconds);
		}

		// A function that calls itself counts once.
		for (const frame of new Set(stack)) {
			total.set(frame, (total.get(frame) ?? 0) + milliseconds);
		}
	}

	return [...total]
		.filter(([frame]) => frames[frame]!.kind !== 'thread')
		.map(([frame, milliseconds]) => ({
			name: frames[frame]!.name,
			selfPercent: ((self.get(frame) ?? 0) / all) * 100,
			totalPercent: (milliseconds / all) * 100,
		}))
		.sort((a, b) => b.selfPercent - a.selfPercent || b.totalPercent - a.totalPercent)
		.slice(0, symbolsTold);
};
