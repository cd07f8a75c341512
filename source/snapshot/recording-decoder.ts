import type {Process} from '../model/process.js';
import type {Snapshot} from '../model/snapshot.js';
import type {Thread} from '../model/thread.js';
import {applyPatch} from './patch.js';
import {readFindings} from './recorded-findings.js';
import {type Delta, numberKeys, type ThreadColumn} from './recording-format.js';

type KnownProcess = {process: Process; threads: number[]};

const isNumber = (value: unknown): value is number => Number.isSafeInteger(value);

/** A damaged or foreign line must end the recording, not the program. */
const refuse = (what: string): never => {
	throw new Error(`damaged recording: ${what}`);
};

/** Turns the lines of one member back into Snapshots; what didn't change is the same object in the next one. */
export const createRecordingDecoder = (
	key: Snapshot,
): {snapshot: () => Snapshot; apply: (delta: Delta) => void} => {
	let snapshot = key;
	const processes = new Map<number, KnownProcess>();
	const threads = new Map<number, {thread: Thread; process: number}>();
	const texts: unknown[] = [];
	let processCount = 0;
	let threadCount = 0;
	const isInOrder = key.processes.every(
		({pid}, index) => index === 0 || pid > key.processes[index - 1]!.pid,
	);

	const addThreads = (number: number, added: readonly Thread[]): number[] =>
		added.map(thread => {
			threads.set(threadCount, {thread, process: number});
			return threadCount++;
		});

	const addProcess = (process: Process): void => {
		const number = processCount++;
		processes.set(number, {process, threads: addThreads(number, process.threads)});
	};

	for (const process of key.processes) {
		addProcess(process);
	}

	const decodeValue = (name: string, value: number | null | false): unknown => {
		if (value === null || numberKeys.has(name)) {
			return value === null || isNumber(value) || Number.isFinite(value)
				? value
				: refuse(`${name} is ${typeof value}`);
		}

		return isNumber(value) && value in texts ? texts[value] : refuse(`${name} points to no text`);
	};

	const applyColumn = (
		name: string,
		[distances, values]: ThreadColumn,
		changed: Map<number, Thread>,
	): void => {
		let number = 0;
		for (const [index, distance] of distances.entries()) {
			number += distance;
			const before = threads.get(number) ?? refuse(`no thread ${number}`);
			const value = values[index];
			const thread = changed.get(number) ?? {...before.thread};
			changed.set(number, thread);
			if (value === false || value === undefined) {
				Reflect.deleteProperty(thread, name);
			} else {
				Object.assign(thread, {[name]: decodeValue(name, value)});
			}
		}
	};

	/** Numbers of the processes whose threads changed. */
	const applyThreads = ({
		threads: columns = {},
		endedThreads = [],
		newThreads = [],
	}: Delta): Set<number> => {
		const touched = new Set<number>();
		const changed = new Map<number, Thread>();
		for (const [name, column] of Object.entries(columns)) {
			applyColumn(name, column, changed);
		}

		for (const [number, thread] of changed) {
			const known = threads.get(number)!;
			known.thread = thread;
			touched.add(known.process);
		}

		for (const number of endedThreads) {
			const owner = threads.get(number) ?? refuse(`no thread ${number}`);
			threads.delete(number);
			const known = processes.get(owner.process)!;
			known.threads = known.threads.filter(each => each !== number);
			touched.add(owner.process);
		}

		for (const [number, added] of newThreads) {
			const known = processes.get(number) ?? refuse(`no process ${number}`);
			known.threads.push(...addThreads(number, added));
			touched.add(number);
		}

		return touched;
	};

	const applyProcesses = (delta: Delta, touched: Set<number>): void => {
		const {processes: patches = {}, ended = [], newProcesses = []} = delta;
		for (const [text, patch] of Object.entries(patches)) {
			const known = processes.get(Number(text)) ?? refuse(`no process ${text}`);
			known.process = applyPatch(known.process, patch);
			touched.add(Number(text));
		}

		for (const number of touched) {
			const known = processes.get(number)!;
			known.process = {
				...known.process,
				threads: known.threads.map(each => threads.get(each)!.thread),
			};
		}

		for (const number of ended) {
			for (const thread of processes.get(number)?.threads ?? []) {
				threads.delete(thread);
			}

			processes.delete(number);
		}

		for (const process of newProcesses) {
			addProcess(process);
		}
	};

	const listProcesses = (): readonly Process[] => {
		const list = [...processes.values()].map(({process}) => process);
		return isInOrder ? list.sort((one, other) => one.pid - other.pid) : list;
	};

	return {
		snapshot: () => snapshot,
		apply(delta) {
			texts.push(...(delta.texts ?? []));
			applyProcesses(delta, applyThreads(delta));
			const {takenAt, observedSeconds, intervalSeconds} = delta;
			const {intervalSeconds: _, ...before} = snapshot;
			snapshot = {
				...applyPatch(before as Snapshot, delta.rest),
				takenAt,
				observedSeconds,
				...(intervalSeconds !== undefined && {intervalSeconds}),
				system: applyPatch(snapshot.system, delta.system),
				sampling: applyPatch(snapshot.sampling, delta.sampling),
				...(delta.findings && {
					findings: readFindings(snapshot.findings, delta.findings) ?? refuse('no such finding'),
				}),
				processes: listProcesses(),
			};
		},
	};
};
