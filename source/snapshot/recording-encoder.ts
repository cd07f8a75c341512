import type {Process} from '../model/process.js';
import type {Snapshot} from '../model/snapshot.js';
import type {Thread} from '../model/thread.js';
import {makePatch} from './patch.js';
import {roundedDeep, sumPrecision, threadPrecision} from './precision.js';
import {isSameTrouble, recordFindings} from './recorded-findings.js';
import {type Delta, type Patch, restOf} from './recording-format.js';
import {type Columns, createColumns} from './thread-columns.js';

/** Turns Snapshots into the lines of a recording. */
export type RecordingEncoder = {
	/** A whole Snapshot, with which a member of the file begins. */
	encodeKey: (snapshot: Snapshot) => string;
	/**
	What changed since the line before. With `every` above 1 a process or thread that was there before is written in each so many-th
	line only, in turns: what it did meanwhile is left out, what it did last is not.
	*/
	encodeDelta: (snapshot: Snapshot, every?: number) => string;
};

type KnownThread = {number: number; source: Thread; written: Thread};
type KnownProcess = {
	number: number;
	/** What it was written from; undefined where some of it has not been written yet. */
	source: Process | undefined;
	/** Without its threads. */
	written: Patch;
	threads: Map<string, KnownThread>;
};

const identity = ({startTimeTicks}: {startTimeTicks: number}, id: number): string =>
	`${id}:${startTimeTicks}`;

const writtenThread = (thread: Thread, before?: Thread): Thread =>
	roundedDeep(thread, threadPrecision, before);

const writtenProcess = ({threads: _, ...rest}: Process, before?: Patch): Patch =>
	roundedDeep(rest, sumPrecision, before);

/** The encoder of one recording. */
export const createRecordingEncoder = (): RecordingEncoder => {
	let known = new Map<string, KnownProcess>();
	let textNumbers = new Map<string, number>();
	let written: Pick<Snapshot, 'system' | 'sampling' | 'findings'> & {rest: Patch};
	let processCount = 0;
	let threadCount = 0;
	let lines = 0;
	let every = 1;

	/** Whether a thread or process of this number is written in this line. */
	const isTurnOf = (number: number): boolean => (lines + number) % every === 0;

	const learnThread = (thread: Thread, before?: Thread): KnownThread => ({
		number: threadCount++,
		source: thread,
		written: writtenThread(thread, before),
	});

	const learnProcess = (process: Process): KnownProcess => ({
		number: processCount++,
		source: process,
		written: writtenProcess(process),
		threads: new Map(
			process.threads.map(thread => [identity(thread, thread.tid), learnThread(thread)]),
		),
	});

	const wholeProcess = ({written: process, threads}: KnownProcess): Process =>
		({
			...process,
			threads: [...threads.values()].map(thread => thread.written),
		}) as unknown as Process;

	const learnRest = (snapshot: Snapshot): void => {
		written = {
			system: roundedDeep(snapshot.system, sumPrecision),
			sampling: roundedDeep(snapshot.sampling, sumPrecision),
			rest: restOf(snapshot),
			findings: snapshot.findings,
		};
	};

	/** Numbers of the threads that are not there any more. */
	const forgetEnded = (threads: Map<string, KnownThread>, now: ReadonlySet<string>): number[] => {
		const ended: number[] = [];
		for (const [id, {number}] of threads) {
			if (!now.has(id)) {
				ended.push(number);
				threads.delete(id);
			}
		}

		return ended;
	};

	/** What changed in a process that was there before. */
	const updateProcess = (
		knownProcess: KnownProcess,
		process: Process,
		columns: Columns,
	): {patch?: Patch | undefined; ended: number[]; added: Thread[]} => {
		const {threads} = knownProcess;
		const added: Thread[] = [];
		const now = new Set<string>();
		for (const thread of process.threads) {
			const id = identity(thread, thread.tid);
			now.add(id);
			const before = threads.get(id);
			if (before === undefined) {
				const learned = learnThread(thread);
				threads.set(id, learned);
				added.push(learned.written);
			} else if (before.source !== thread && isTurnOf(before.number)) {
				const after = writtenThread(thread, before.written);
				columns.note(before.number, before.written, after);
				before.source = thread;
				before.written = after;
			}
		}

		const ended = now.size < threads.size ? forgetEnded(threads, now) : [];
		if (!isTurnOf(knownProcess.number)) {
			return {ended, added};
		}

		const after = writtenProcess(process, knownProcess.written);
		const patch = makePatch(knownProcess.written, after);
		// Threads whose turn is later are looked at again then.
		knownProcess.source = every === 1 ? process : undefined;
		knownProcess.written = after;
		return {patch, ended, added};
	};

	const encodeProcesses = (processes: readonly Process[]): Partial<Delta> => {
		const columns = createColumns(textNumbers);
		const patches: Record<string, Patch> = {};
		const endedThreads: number[] = [];
		const newThreads: (readonly [number, Thread[]])[] = [];
		const unknown: Process[] = [];
		const now = new Map<string, KnownProcess>();
		for (const process of processes) {
			const id = identity(process, process.pid);
			const before = known.get(id);
			if (before === undefined) {
				unknown.push(process);
				continue;
			}

			now.set(id, before);
			if (before.source === process) {
				continue;
			}

			const {patch, ended, added} = updateProcess(before, process, columns);
			endedThreads.push(...ended);
			newThreads.push(...(added.length > 0 ? [[before.number, added] as const] : []));
			Object.assign(patches, patch && {[before.number]: patch});
		}

		// Numbered after all new threads of known processes: in the order in which they are read.
		const newProcesses = unknown.map(process => {
			const learned = learnProcess(process);
			now.set(identity(process, process.pid), learned);
			return wholeProcess(learned);
		});
		const ended = [...known].filter(([id]) => !now.has(id)).map(([, {number}]) => number);
		known = now;
		return {
			...columns.finish(),
			...(Object.keys(patches).length > 0 && {processes: patches}),
			...(endedThreads.length > 0 && {endedThreads}),
			...(ended.length > 0 && {ended}),
			...(newThreads.length > 0 && {newThreads}),
			...(newProcesses.length > 0 && {newProcesses}),
		};
	};

	const encodeRest = (
		snapshot: Snapshot,
	): Pick<Delta, 'system' | 'sampling' | 'findings' | 'rest'> => {
		const before = written;
		const system = roundedDeep(snapshot.system, sumPrecision, before.system);
		const sampling = roundedDeep(
			{...snapshot.sampling, ...(every > 1 && {recordedEvery: every})},
			sumPrecision,
			before.sampling,
		);
		const seen = recordFindings(before.findings, snapshot.findings);
		const isLater = !isTurnOf(0) && isSameTrouble(before.findings, seen.recorded);
		const {known: findings, recorded} = isLater ? {known: before.findings} : seen;
		const rest = restOf(snapshot);
		written = {system, sampling, rest, findings};
		const patches = {
			system: makePatch(before.system, system),
			sampling: makePatch(before.sampling, sampling),
			findings: recorded,
			rest: makePatch(before.rest, rest),
		};
		return Object.fromEntries(Object.entries(patches).filter(([, patch]) => patch !== undefined));
	};

	return {
		encodeKey(snapshot) {
			known = new Map();
			textNumbers = new Map();
			lines = 0;
			processCount = 0;
			threadCount = 0;
			for (const process of snapshot.processes) {
				known.set(identity(process, process.pid), learnProcess(process));
			}

			learnRest(snapshot);
			const {history: _, processes: __, ...top} = snapshot;
			const {rest, system, sampling, findings} = written;
			const processes = [...known.values()].map(wholeProcess);
			return JSON.stringify({
				...roundedDeep(top, sumPrecision),
				...rest,
				system,
				sampling,
				findings,
				processes,
			});
		},
		encodeDelta(snapshot, writtenEvery = 1) {
			lines++;
			every = writtenEvery;
			const delta: Delta = {
				kind: 'ctop.delta',
				takenAt: snapshot.takenAt,
				observedSeconds: roundedDeep(snapshot.observedSeconds, sumPrecision),
				...(snapshot.intervalSeconds !== undefined && {
					intervalSeconds: roundedDeep(snapshot.intervalSeconds, sumPrecision),
				}),
				...encodeRest(snapshot),
				...encodeProcesses(snapshot.processes),
			};
			return JSON.stringify(delta);
		},
	};
};
