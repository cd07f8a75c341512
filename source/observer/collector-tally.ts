import type {Collector} from '../model/process.js';
import type {CollectorLook} from '../runtimes/go/collector.js';

/** What a process's threads used or waited for in one interval, summed up; 100 = one CPU. */
export type CpuUse = {cpuPercent: number; runQueueWaitPercent: number; seconds: number};

/** Makes rates of what Go's runtime has counted of its collector, from one tick to the next. */
export type CollectorTally = {
	/** At a tick. */
	count(look: CollectorLook, use: CpuUse): void;
	/** Between two ticks: what only single cycles tell. */
	sample(look: CollectorLook): void;
	/** Undefined until enough cycles have ended, and when none has for a while. */
	rates(): Collector | undefined;
};

type Sample = CollectorLook & {
	/** Since the first look. */
	atSeconds: number;
	usedSeconds: number;
	wantedSeconds: number;
	/** Of the cycles that were seen at looks. */
	seenMarkNanoseconds: number;
	seenIdleNanoseconds: number;
};

const nanosecondsPerSecond = 1e9;
const fewestCycles = 3;
const leastSeconds = 0.5;
/** Over so long it is counted, where cycles are short enough; over more where they aren't. */
const enoughSeconds = 5;
const mostSeconds = 60;
/** The last cycle may have ended so long ago, or twice a cycle's mean time. */
const freshSeconds = 3;

const secondsBetween = (first: Sample, last: Sample): number =>
	(last.endedAt - first.endedAt) / nanosecondsPerSecond;

const isEnough = (first: Sample, last: Sample, seconds: number): boolean =>
	secondsBetween(first, last) >= seconds && last.cycles - first.cycles >= fewestCycles;

/** Seconds that idle processors marked; where they aren't added up, by how they compared with the rest in the cycles that were seen. */
const idleBetween = (first: Sample, last: Sample, markingSeconds: number): number => {
	if (last.idleNanoseconds !== undefined) {
		return (last.idleNanoseconds - (first.idleNanoseconds ?? 0)) / nanosecondsPerSecond;
	}

	const marked = last.seenMarkNanoseconds - first.seenMarkNanoseconds;
	const idle = last.seenIdleNanoseconds - first.seenIdleNanoseconds;
	return marked > 0 ? (markingSeconds * idle) / marked : 0;
};

/**
The runtime counts a cycle when it ends, and keeps when that was: from one such end to another it's whole cycles, however long they take
and whenever they are looked at. Its times are those of a clock on the wall: where threads wait for a CPU in between, that is among them,
and so it's compared with what the process used and waited for.
*/
const ratesBetween = (first: Sample, last: Sample): Collector => {
	const seconds = secondsBetween(first, last);
	const lookedSeconds = last.atSeconds - first.atSeconds;
	const paused = last.stoppedProcessors * (last.pauseNanoseconds - first.pauseNanoseconds);
	const marking =
		Math.max(0, last.markNanoseconds - first.markNanoseconds - paused) /
		nanosecondsPerSecond /
		seconds;
	const idle = idleBetween(first, last, marking * seconds) / seconds;
	const used = (last.usedSeconds - first.usedSeconds) / lookedSeconds;
	// Threads that wait for a CPU without a processor of Go's are in no clock of the runtime's.
	const wanted = Math.max(
		used,
		Math.min((last.wantedSeconds - first.wantedSeconds) / lookedSeconds, last.stoppedProcessors),
	);
	// Of what it wanted it got so much.
	const got = wanted > 0 ? Math.min(1, used / wanted) : 0;
	const rest = wanted - Math.min(wanted, idle);
	const share = rest > 0 ? Math.min(1, marking / rest) : 0;
	const {gcPercent, memoryLimitBytes, liveHeapBytes} = last;
	return {
		cpuPercent: share * rest * got * 100,
		sharePercent: share * 100,
		idleCpuPercent: Math.min(wanted, idle) * got * 100,
		cyclesPerSecond: (last.cycles - first.cycles) / seconds,
		...(gcPercent !== undefined && {gcPercent}),
		...(memoryLimitBytes !== undefined && {memoryLimitBytes}),
		...(liveHeapBytes !== undefined && {liveHeapBytes}),
	};
};

export const createCollectorTally = (): CollectorTally => {
	/** Those at which another cycle had ended than before. */
	let samples: readonly Sample[] = [];
	let atSeconds = 0;
	let usedSeconds = 0;
	let wantedSeconds = 0;
	let seenMarkNanoseconds = 0;
	let seenIdleNanoseconds = 0;

	const sample = ({cycle}: CollectorLook): void => {
		seenMarkNanoseconds += cycle?.markNanoseconds ?? 0;
		seenIdleNanoseconds += cycle?.idleNanoseconds ?? 0;
	};

	const add = (newest: Sample): void => {
		const last = samples.at(-1);
		if (last && newest.endedAt === last.endedAt) {
			return;
		}

		// What goes backwards is another program's.
		const isBehind =
			last && (newest.endedAt < last.endedAt || newest.markNanoseconds < last.markNanoseconds);
		samples = [...(isBehind ? [] : samples), newest];
		while (
			samples.length > 2 &&
			(isEnough(samples[1]!, newest, enoughSeconds) ||
				secondsBetween(samples[0]!, newest) > mostSeconds)
		) {
			samples = samples.slice(1);
		}
	};

	return {
		count(look, {cpuPercent, runQueueWaitPercent, seconds}) {
			atSeconds += seconds;
			usedSeconds += (cpuPercent / 100) * seconds;
			wantedSeconds += ((cpuPercent + runQueueWaitPercent) / 100) * seconds;
			sample(look);
			if (look.endedAt > 0) {
				add({
					...look,
					atSeconds,
					usedSeconds,
					wantedSeconds,
					seenMarkNanoseconds,
					seenIdleNanoseconds,
				});
			}
		},
		sample,
		rates() {
			const [first] = samples;
			const last = samples.at(-1);
			if (!first || !last || !isEnough(first, last, leastSeconds)) {
				return undefined;
			}

			const cycleSeconds = secondsBetween(first, last) / (last.cycles - first.cycles);
			const isFresh = atSeconds - last.atSeconds <= Math.max(freshSeconds, 2 * cycleSeconds);
			return isFresh ? ratesBetween(first, last) : undefined;
		},
	};
};
