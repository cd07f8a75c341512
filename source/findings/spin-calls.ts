import type {Confidence} from '../model/finding.js';
import type {
	FullDescriptorTable,
	ProcessKernelWork,
	ThreadKernelWork,
} from '../model/kernel-work.js';
import type {Process} from '../model/process.js';
import {isKnown} from '../model/reading.js';
import type {Thread} from '../model/thread.js';
import {orZero, sum} from './thread-facts.js';

/** Why a thread is said to spin around system calls. */
export type CallSpinCause = 'empty-calls' | 'full-table' | 'no-trace';

/** Threads of one process that spin for the same reason. */
export type CallSpin = {
	cause: CallSpinCause;
	confidence: Confidence;
	process: Process;
	threads: readonly Thread[];
	fullTable?: FullDescriptorTable;
};

/** Measured 0.3 µs in C to 3 µs in Python, its exception included: not enough to do much else between two of them. */
const mostMicrosecondsPerEmptyCall = 5;
/** A reader that reads until nothing is left has one in vain for each that brings something. */
const leastEmptyShare = 0.75;
/**
Servers flat out take 5 to 20 µs a packet, 12 µs one of 64 KiB over loopback. And to wake another thread takes a few: one that is woken as
often gets its work from the one that burns, through memory that they share. Go's own threads wake 1,500 times a second beside a spinning one.
*/
const leastMicrosecondsPerEvent = 100;
/** What a thread logs, or is told, beside its loop. */
const mostBytesPerSecond = 65_536;
const mostCallsPerSecond = 1000;
const mostFaultsPerSecond = 50;
const leastUnchangedSeconds = 0.9;

/** CPU time of a thread a second. */
const cpuMicroseconds = ({cpuPercent}: Thread): number => orZero(cpuPercent) * 10_000;

/** Reads and writes. */
export const callsOf = ({readsPerSecond, writesPerSecond}: ThreadKernelWork): number =>
	readsPerSecond + writesPerSecond;

/** Bytes that they moved. */
export const bytesOf = ({readBytesPerSecond, writtenBytesPerSecond}: ThreadKernelWork): number =>
	readBytesPerSecond + writtenBytesPerSecond;

/** Of these the calls that moved nothing, at least: each of the others moved a byte or more. */
export const emptyCallsOf = (work: ThreadKernelWork): number =>
	Math.max(0, work.readsPerSecond - work.readBytesPerSecond) +
	Math.max(0, work.writesPerSecond - work.writtenBytesPerSecond);

const callsInVain = (thread: Thread, work: ThreadKernelWork): boolean => {
	const empty = emptyCallsOf(work);
	return (
		empty > 0 &&
		empty >= callsOf(work) * leastEmptyShare &&
		cpuMicroseconds(thread) <= empty * mostMicrosecondsPerEmptyCall
	);
};

const movesNothing = (work: ThreadKernelWork): boolean =>
	bytesOf(work) <= mostBytesPerSecond &&
	callsOf(work) <= mostCallsPerSecond &&
	work.pageFaultsPerSecond <= mostFaultsPerSecond;

type Burner = {thread: Thread; work: ThreadKernelWork};

/** Whether something happens so seldom that it can't be what they burn their CPU for. */
const isRareBeside = (burners: readonly Burner[], perSecond: number): boolean =>
	sum(burners, ({thread}) => cpuMicroseconds(thread)) >= perSecond * leastMicrosecondsPerEvent;

/** Whether it can't be for the network that they burn their CPU: it has no socket, or there are few packets. */
const hasQuietNetwork = (
	{packetsPerSecond, socketCount}: ProcessKernelWork,
	burners: readonly Burner[],
): boolean =>
	socketCount === 0 || (packetsPerSecond !== undefined && isRareBeside(burners, packetsPerSecond));

const leavesNoTrace = (process: Process, burners: readonly Burner[]): boolean => {
	const {untraceableDescriptor, unchangedSeconds = 0} = process.kernelWork ?? {};
	return (
		untraceableDescriptor === undefined &&
		unchangedSeconds >= leastUnchangedSeconds &&
		isRareBeside(burners, orZero(process.voluntarySwitchesPerSecond))
	);
};

/** Threads of a process that spin around system calls, surest first; each for one reason. */
export const findCallSpins = (process: Process): readonly CallSpin[] => {
	// Of most processes nothing was read.
	if (!isKnown(process.kernelWork)) {
		return [];
	}

	const {fullDescriptorTable: fullTable} = process.kernelWork;
	const burners = process.threads.flatMap(thread =>
		isKnown(thread.kernelWork) ? [{thread, work: thread.kernelWork}] : [],
	);
	const isQuiet = hasQuietNetwork(process.kernelWork, burners);
	const inVain: Thread[] = [];
	const others: Thread[] = [];
	for (const {thread, work} of burners) {
		if (callsInVain(thread, work)) {
			inVain.push(thread);
		} else if (movesNothing(work)) {
			others.push(thread);
		}
	}

	const spins: CallSpin[] = [];
	if (inVain.length > 0) {
		// What goes through a network is not counted as a read or a write.
		const confidence = isQuiet ? 'certain' : 'likely';
		spins.push({cause: 'empty-calls', confidence, process, threads: inVain});
	}

	if (others.length > 0 && fullTable) {
		// A server that has stopped listening, and is busy with the clients that it has, looks the same where the network is busy.
		const confidence = isQuiet ? 'likely' : 'possible';
		spins.push({cause: 'full-table', confidence, process, threads: others, fullTable});
	} else if (others.length > 0 && isQuiet && leavesNoTrace(process, burners)) {
		spins.push({cause: 'no-trace', confidence: 'possible', process, threads: others});
	}

	return spins;
};
