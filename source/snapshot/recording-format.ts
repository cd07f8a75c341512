import type {Process} from '../model/process.js';
import type {Snapshot} from '../model/snapshot.js';
import type {Thread} from '../model/thread.js';
import type {Wait} from '../model/wait.js';
import type {RecordedFindings} from './recorded-findings.js';

/*
A recording is a file of gzip members (RFC 1952), each of which stands alone: lines of JSON, the first of them a whole Snapshot, each
further one what changed since the line before. Processes and threads are told by numbers: those of the Snapshot are counted from 0
in its order, later ones go on counting.
*/

/** New values of an object's keys; keys that are gone stand in `-`. */
export type Patch = Readonly<Record<string, unknown>> & {readonly '-'?: readonly string[]};

/**
New values of one key of many threads: their numbers, each as its distance from the one before, and the values in the same order.
`null` is refused, `false` is not there any more; a text or an object stands as its index in the member's list of texts.
*/
export type ThreadColumn = readonly [
	distances: readonly number[],
	values: readonly (number | null | false)[],
];

/** What changed in one tick. */
export type Delta = {
	kind: 'ctop.delta';
	takenAt: string;
	observedSeconds: number;
	intervalSeconds?: number;
	system?: Patch;
	sampling?: Patch;
	/** Missing when they are the same as before. */
	findings?: RecordedFindings;
	/** Everything else that a Snapshot has. */
	rest?: Patch;
	/** Goes on with the list of texts that columns point to. */
	texts?: readonly unknown[];
	threads?: Readonly<Record<string, ThreadColumn>>;
	/** By number. */
	processes?: Readonly<Record<string, Patch>>;
	endedThreads?: readonly number[];
	ended?: readonly number[];
	newThreads?: readonly (readonly [process: number, threads: readonly Thread[]])[];
	newProcesses?: readonly Process[];
};

/** Keys of a thread that hold a number; all others are texts or objects. */
export const numberKeys: ReadonlySet<string> = new Set<keyof Thread>([
	'voluntarySwitchesPerSecond',
	'involuntarySwitchesPerSecond',
	'cpuPercent',
	'systemCpuPercent',
	'runQueueWaitPercent',
	'nice',
]);

/** Up to this one a futex word's value tells kinds of locks apart; above it counts something. */
const largestTellingValue = 3;

/** Whether a key of a thread or of a wait is written: what changes all the time and no diagnosis asks for is not. */
export const isRecorded = (key: string, value: unknown): boolean =>
	key === ('futexValue' satisfies keyof Wait)
		? Number(value) <= largestTellingValue
		: key !== ('lastCpu' satisfies keyof Thread);

/** What a Snapshot holds beside what a delta names by itself; it is written as it is. */
export const restOf = (snapshot: Snapshot): Readonly<Record<string, unknown>> => {
	const {
		kind,
		takenAt,
		observedSeconds,
		intervalSeconds,
		system,
		sampling,
		processes,
		findings,
		history,
		...rest
	} = snapshot;
	return rest;
};
