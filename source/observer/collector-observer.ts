import path from 'node:path';
import type {Collector} from '../model/process.js';
import {isKnown} from '../model/reading.js';
import type {Mapping} from '../procfs/maps.js';
import {readLink} from '../procfs/read-link.js';
import {type CollectorReader, createCollectorReader} from '../runtimes/go/collector.js';
import {
	type CollectorLayout,
	readCollectorLayout,
	type UnknownLayout,
} from '../runtimes/go/collector-layout.js';
import {hintFor, unknownCollectorHint} from '../runtimes/hints.js';
import {ticksPerSecond} from '../sampler/publish.js';
import type {ProcessEntry} from '../sampler/task-entry.js';
import {loadBias, readElfFile} from '../symbols/elf-file.js';
import {openMappedFile} from '../symbols/mapped-file.js';
import type {SymbolSearch} from '../symbols/symbol-search.js';
import type {AddressSpaces} from './address-spaces.js';
import {type CollectorTally, type CpuUse, createCollectorTally} from './collector-tally.js';
import {ofSameProgram} from './same-program.js';

/** Reads what the garbage collector takes, in processes of Go that use much CPU. */
export type CollectorObserver = {
	/** Once a tick, with how long the machine has been up. */
	update(processes: Iterable<ProcessEntry>, uptimeSeconds: number): void;
	/** A quick look at those; several times between two ticks. */
	look(): void;
};

type Watched = {
	generation: number;
	startTimeTicks: number;
	tally: CollectorTally;
	reader: CollectorReader | undefined;
	/** Whether its program's file is being read. */
	isPending: boolean;
	/** Whether single cycles tell more than the sums do. */
	looksAtCycles: boolean;
	/** When its counters were counted last. */
	countedAt: number;
	triedAt: number;
	/** How long it has used much CPU; falls again as it doesn't. */
	hotSeconds: number;
};

/** What came of looking for a reader. */
type Attachment =
	| {state: 'attached'; reader: CollectorReader}
	/** The program's file doesn't say where its runtime counts. */
	| {state: 'unknown'; hint: string}
	/** The file can't be opened, or the process is gone. */
	| {state: 'unreadable'}
	/** It is being read. */
	| {state: 'later'};

/** 100 = one CPU. */
const muchPercent = 20;
const hotSeconds = {fewest: 0.9, most: 4};
const millisecondsBetweenAttempts = 10_000;
/** Each takes some microseconds. */
const millisecondsPerLook = 1;

const whys: Readonly<Record<UnknownLayout, string>> = {
	'no symbols': 'has no symbols (-ldflags=-s, or strip)',
	'no debug information': 'has no debug information that can be read (-ldflags=-w)',
	'another layout': 'describes a runtime that ctop does not know',
};

/** What it has used since it began, of one CPU, as far as the first look at it told; nothing is known yet of what it uses now. */
export const lifetimeCpuPercent = (
	{userTicks, systemTicks, startTimeTicks}: ProcessEntry,
	uptimeSeconds: number,
): number => {
	const ticks = uptimeSeconds * ticksPerSecond - startTimeTicks;
	return ticks > 0 ? ((userTicks + systemTicks) / ticks) * 100 : 0;
};

type CpuRates = Omit<CpuUse, 'seconds'>;

const noUse: CpuRates = {cpuPercent: 0, runQueueWaitPercent: 0};

const cpuOf = ({threads}: ProcessEntry): CpuRates => {
	let cpuPercent = 0;
	let runQueueWaitPercent = 0;
	for (const thread of threads.values()) {
		cpuPercent += thread.cpuPercent ?? 0;
		runQueueWaitPercent += thread.runQueueWaitPercent ?? 0;
	}

	return {cpuPercent, runQueueWaitPercent};
};

const mappingOfProgram = (
	procRoot: string,
	pid: number,
	mappings: readonly Mapping[],
): Mapping | undefined => {
	const program = readLink(path.join(procRoot, String(pid), 'exe'));
	return mappings.find(
		({inode, offset, path: file}) => inode !== 0 && offset === 0 && file === program,
	);
};

export const createCollectorObserver = (
	procRoot: string,
	spaces: AddressSpaces,
	search: SymbolSearch,
): CollectorObserver => {
	/** By the file's identity; undefined while it is read. */
	const layouts = new Map<string, CollectorLayout | UnknownLayout | undefined>();
	const watched = new Map<ProcessEntry, Watched>();
	let updatedAt: number | undefined;

	const ask = (identity: string, pid: number, mapping: Mapping): void => {
		layouts.set(identity, undefined);
		search.enqueue(async (_, findNames) => {
			const file = openMappedFile(procRoot, pid, mapping);
			try {
				const elf = file && readElfFile(file.read);
				if (file?.identity === identity && elf) {
					layouts.set(identity, await readCollectorLayout(file, elf.symbolTables, findNames));
				} else {
					// The process is gone: another one may ask again.
					layouts.delete(identity);
				}
			} finally {
				file?.close();
			}
		});
	};

	const attach = (entry: ProcessEntry): Attachment => {
		const {pid} = entry;
		const space = spaces.of(entry);
		const mappings = space.mappings();
		const mapping = isKnown(mappings) ? mappingOfProgram(procRoot, pid, mappings) : undefined;
		const file = mapping && openMappedFile(procRoot, pid, mapping);
		try {
			const elf = file && readElfFile(file.read);
			const bias = elf && loadBias(elf, mapping!);
			if (!file || bias === undefined) {
				return {state: 'unreadable'};
			}

			if (!layouts.has(file.identity)) {
				ask(file.identity, pid, mapping!);
			}

			const layout = layouts.get(file.identity);
			if (layout === undefined) {
				return {state: 'later'};
			}

			return typeof layout === 'string'
				? {
						state: 'unknown',
						hint: unknownCollectorHint(pid, path.basename(mapping!.path), whys[layout]),
					}
				: {state: 'attached', reader: createCollectorReader(layout, bias, space.memory.read)};
		} finally {
			file?.close();
		}
	};

	const show = (entry: ProcessEntry, collector: Collector | undefined, hint?: string): void => {
		const {runtime} = entry;
		if (runtime && (runtime.collector || collector || runtime.hint !== hint)) {
			const {collector: _, hint: __, ...rest} = runtime;
			entry.runtime = {...rest, ...(collector && {collector}), ...(hint && {hint})};
			entry.dirty = true;
		}
	};

	const begin = ({generation, startTimeTicks}: ProcessEntry): Watched => ({
		generation,
		startTimeTicks,
		tally: createCollectorTally(),
		reader: undefined,
		isPending: false,
		looksAtCycles: false,
		countedAt: 0,
		triedAt: Number.NEGATIVE_INFINITY,
		hotSeconds: 0,
	});

	const count = (each: Watched, use: CpuRates): boolean => {
		const look = each.reader?.();
		const now = performance.now();
		if (look) {
			each.tally.count(look, {...use, seconds: (now - each.countedAt) / 1000});
			each.looksAtCycles = look.cycle !== undefined;
		}

		each.countedAt = now;
		return look !== undefined;
	};

	/** Where it can be read from now on, that begins at once: what it has used is told at the next tick. */
	const tryAttach = (entry: ProcessEntry, each: Watched): void => {
		const now = performance.now();
		if (now - each.triedAt < millisecondsBetweenAttempts) {
			return;
		}

		const attachment = attach(entry);
		each.isPending = attachment.state === 'later';
		if (each.isPending) {
			return;
		}

		each.triedAt = now;
		if (attachment.state === 'attached') {
			each.reader = attachment.reader;
			each.countedAt = now;
			count(each, noUse);
		} else if (attachment.state === 'unknown') {
			show(entry, undefined, attachment.hint);
		}
	};

	const updateOne = (entry: ProcessEntry, each: Watched, use: CpuRates): void => {
		if (each.reader) {
			const isRead = count(each, use);
			show(entry, isRead ? each.tally.rates() : undefined, hintFor('go', entry.pid));
		} else {
			tryAttach(entry, each);
		}
	};

	/** What is known of it, where it is still the same program. */
	const knownOf = (entry: ProcessEntry): Watched | undefined =>
		ofSameProgram(watched.get(entry), entry);

	/** `isFirst`: nothing is known yet of what it uses at the moment. A program that has always used much most likely does. */
	const visit = (entry: ProcessEntry, seconds: number, uptimeSeconds: number): void => {
		const use = cpuOf(entry);
		const isFirst = seconds === 0;
		const isHot =
			(isFirst ? lifetimeCpuPercent(entry, uptimeSeconds) : use.cpuPercent) >= muchPercent;
		const known = knownOf(entry);
		if (!known && !isHot) {
			watched.delete(entry);
			return;
		}

		const each = known ?? begin(entry);
		watched.set(entry, each);
		const heat = isFirst ? hotSeconds.fewest : seconds;
		each.hotSeconds = Math.min(hotSeconds.most, each.hotSeconds + (isHot ? heat : -heat));
		if (each.hotSeconds < 0) {
			watched.delete(entry);
			show(entry, undefined, entry.runtime?.hint);
		} else if (each.hotSeconds >= hotSeconds.fewest || each.reader) {
			updateOne(entry, each, use);
		}
	};

	return {
		update(processes, uptimeSeconds) {
			const now = performance.now();
			const seconds = (now - (updatedAt ?? now)) / 1000;
			updatedAt = now;
			const gone = new Set(watched.keys());
			for (const entry of processes) {
				if (
					entry.runtime?.name === 'go' &&
					!entry.waitsRefused &&
					(seconds === 0 || entry.active || watched.has(entry))
				) {
					gone.delete(entry);
					visit(entry, seconds, uptimeSeconds);
				}
			}

			for (const entry of gone) {
				watched.delete(entry);
			}
		},
		look() {
			const began = performance.now();
			for (const [entry, each] of watched) {
				if (each.isPending) {
					tryAttach(entry, each);
				}

				const look = each.looksAtCycles ? each.reader?.() : undefined;
				if (look) {
					each.tally.sample(look);
				}

				if (performance.now() - began > millisecondsPerLook) {
					return;
				}
			}
		},
	};
};
