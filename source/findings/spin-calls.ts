import type {Confidence} from '../model/finding.js';
import {
	type FullDescriptorTable,
	type ProcessKernelWork,
	type ReadySockets,
	shareOfKernelWork,
	shareOfPausedLoop,
	type ThreadIo,
} from '../model/kernel-work.js';
import type {Process} from '../model/process.js';
import {isKnown} from '../model/reading.js';
import type {Snapshot} from '../model/snapshot.js';
import type {Thread} from '../model/thread.js';
import {cpuMicroseconds, isQuietBeside, isRareBeside} from './quiet-machine.js';
import {isInKernel, orZero} from './thread-facts.js';

/** Why a thread is said to spin around system calls. */
export type CallSpinCause =
	| 'empty-calls'
	| 'full-table'
	| 'ready-socket'
	| 'closed-peer'
	| 'no-trace'
	/** Nothing moves on the machine for which an event loop could make its calls. */
	| 'event-loop'
	/** What it has open, reads and writes was refused. */
	| 'refused';

/** Threads of one process that spin for the same reason. */
export type CallSpin = {
	cause: CallSpinCause;
	confidence: Confidence;
	process: Process;
	threads: readonly Thread[];
	fullTable?: FullDescriptorTable;
	/** What its waits come back for at once. */
	ready?: ReadySockets;
};

/** Measured 0.3 µs in C to 3 µs in Python, its exception included: not enough to do much else between two of them. */
const mostMicrosecondsPerEmptyCall = 5;
/** A reader that reads until nothing is left has one in vain for each that brings something. */
const leastEmptyShare = 0.75;
/** What a thread logs, or is told, beside its loop. */
const mostBytesPerSecond = 65_536;
const mostCallsPerSecond = 1000;
export const mostFaultsPerSecond = 50;
const leastUnchangedSeconds = 0.9;
/** In two readings; until it is told it has to last for two more. */
const leastReadySeconds = 0.8;
/** Where less of the CPU goes into system calls, or others move packets: few callbacks take longer. */
const leastReadySecondsOfLoop = 5;
/** Of loops around select and recv in Python 38 to 58 %; of a pool of connections beside a thread that computes it is less. */
const leastShareBesideClosed = 0.3;

/** Reads and writes. */
export const callsOf = ({readsPerSecond, writesPerSecond}: ThreadIo): number =>
	readsPerSecond + writesPerSecond;

/** Bytes that they moved. */
export const bytesOf = ({readBytesPerSecond, writtenBytesPerSecond}: ThreadIo): number =>
	readBytesPerSecond + writtenBytesPerSecond;

/** Of these the calls that moved nothing, at least: each of the others moved a byte or more. */
export const emptyCallsOf = (io: ThreadIo): number =>
	Math.max(0, io.readsPerSecond - io.readBytesPerSecond) +
	Math.max(0, io.writesPerSecond - io.writtenBytesPerSecond);

const callsInVain = (thread: Thread, io: ThreadIo): boolean => {
	const empty = emptyCallsOf(io);
	return (
		empty > 0 &&
		empty >= callsOf(io) * leastEmptyShare &&
		cpuMicroseconds(thread) <= empty * mostMicrosecondsPerEmptyCall
	);
};

const movesNothing = (io: ThreadIo, pageFaultsPerSecond: number): boolean =>
	bytesOf(io) <= mostBytesPerSecond &&
	callsOf(io) <= mostCallsPerSecond &&
	pageFaultsPerSecond <= mostFaultsPerSecond;

/** Whether it can't be for the network that they burn their CPU: it has no socket, or there are few packets. */
const hasQuietNetwork = (
	{packetsPerSecond, socketCount}: ProcessKernelWork,
	burners: readonly Thread[],
): boolean =>
	socketCount === 0 || (packetsPerSecond !== undefined && isRareBeside(burners, packetsPerSecond));

const leavesNoTrace = (process: Process, burners: readonly Thread[]): boolean => {
	const {untraceableDescriptor, unchangedSeconds = 0} = process.kernelWork ?? {};
	return (
		untraceableDescriptor === undefined &&
		unchangedSeconds >= leastUnchangedSeconds &&
		isRareBeside(burners, orZero(process.voluntarySwitchesPerSecond))
	);
};

/** What its waits have come back for at once for long enough; of that what an epoll instance proves to be watched first. */
const readyFor = ({readySockets = []}: ProcessKernelWork): ReadySockets | undefined => {
	const lasting = readySockets.filter(({seconds}) => seconds >= leastReadySeconds);
	return lasting.find(({epollFd}) => epollFd !== undefined) ?? lasting[0];
};

/** Of those that leave no trace which ones may spin: such a share of their CPU goes into system calls. */
const withoutTrace = (
	process: Process,
	burners: readonly Thread[],
	ready: ReadySockets | undefined,
): readonly CallSpin[] => {
	const leastShare = ready ? leastShareBesideClosed : shareOfPausedLoop;
	const threads = burners.filter(thread => isInKernel(thread, leastShare));
	if (threads.length === 0) {
		return [];
	}

	return ready
		? [{cause: 'closed-peer', confidence: 'possible', process, threads, ready}]
		: [{cause: 'no-trace', confidence: 'possible', process, threads}];
};

/**
That a wait would come back at once is no proof that somebody waits: a loop may be held up by a callback that computes, or not run at all,
while a client leaves. One that makes system calls most of the time, and opens nothing with them, most likely waits.
*/
const aroundEpoll = (
	process: Process,
	inKernel: readonly Thread[],
	all: readonly Thread[],
	ready: ReadySockets,
	isQuiet: boolean,
): readonly CallSpin[] => {
	const spin = {cause: 'ready-socket', process, ready} as const;
	const {unchangedSeconds = Infinity} = process.kernelWork ?? {};
	if (inKernel.length > 0 && isQuiet && unchangedSeconds >= leastUnchangedSeconds) {
		return [{...spin, confidence: 'likely', threads: inKernel}];
	}

	return ready.seconds >= leastReadySecondsOfLoop
		? [{...spin, confidence: 'possible', threads: inKernel.length > 0 ? inKernel : all}]
		: [];
};

/** What those spin for whose reads and writes are none in vain, if they do. */
const spinsOfOthers = (
	process: Process,
	work: ProcessKernelWork,
	burners: readonly Thread[],
	threads: readonly Thread[],
	latest: Snapshot,
): readonly CallSpin[] => {
	const isQuiet = hasQuietNetwork(work, burners);
	const {fullDescriptorTable: fullTable} = work;
	const ready = readyFor(work);
	const inKernel = threads.filter(thread => isInKernel(thread, shareOfKernelWork));
	// Of a busy network it can't be told whose packets they are, and what send and recv move is counted nowhere else.
	const confidence = isQuiet ? 'likely' : 'possible';
	if (fullTable && inKernel.length > 0) {
		// A server that has stopped listening, and is busy with the clients that it has, looks the same where the network is busy.
		return [{cause: 'full-table', confidence, process, threads: inKernel, fullTable}];
	}

	if (ready?.epollFd !== undefined) {
		return aroundEpoll(process, inKernel, threads, ready, isQuiet);
	}

	if (isQuiet && leavesNoTrace(process, burners)) {
		return withoutTrace(process, threads, ready);
	}

	// It opens and closes connections, or has a socket that moves data without a trace.
	return isQuiet &&
		work.epollFd !== undefined &&
		inKernel.length > 0 &&
		isQuietBeside(process, burners, latest)
		? [{cause: 'event-loop', confidence: 'possible', process, threads: inKernel}]
		: [];
};

/** Threads of a process that spin around system calls, surest first; each for one reason. */
export const findCallSpins = (process: Process, latest: Snapshot): readonly CallSpin[] => {
	const {kernelWork, threads} = process;
	// Of most processes nothing was read.
	if (!isKnown(kernelWork)) {
		return [];
	}

	const burners: Thread[] = [];
	const inVain: Thread[] = [];
	const others: Thread[] = [];
	for (const thread of threads) {
		const {io, pageFaultsPerSecond = 0} = thread.kernelWork ?? {};
		if (io) {
			burners.push(thread);
			if (callsInVain(thread, io)) {
				inVain.push(thread);
			} else if (movesNothing(io, pageFaultsPerSecond)) {
				others.push(thread);
			}
		}
	}

	const spins: CallSpin[] = [];
	if (inVain.length > 0) {
		// What goes through a network is not counted as a read or a write.
		const confidence = hasQuietNetwork(kernelWork, burners) ? 'certain' : 'likely';
		const ready = readyFor(kernelWork);
		spins.push({cause: 'empty-calls', confidence, process, threads: inVain, ...(ready && {ready})});
	}

	return others.length > 0
		? [...spins, ...spinsOfOthers(process, kernelWork, burners, others, latest)]
		: spins;
};
