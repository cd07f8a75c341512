import path from 'node:path';
import {isKnown, type Reading} from '../model/reading.js';
import {findMapping, type Mapping, parseMaps} from '../procfs/maps.js';
import {createMemoryReader, type MemoryReader} from '../procfs/memory.js';
import {readText} from '../procfs/read-text.js';
import type {ProcessEntry} from '../sampler/task-entry.js';
import {ofSameProgram} from './same-program.js';

/** What is mapped where in one process, and its memory; read on demand and kept. */
export type AddressSpace = {
	readonly memory: MemoryReader;
	/** By rising address; null when the kernel refused, undefined when the process is gone. */
	mappings(): Reading<readonly Mapping[]>;
	/** Mapping that holds an address; maps are read again, now and then, when none does. */
	mappingOf(address: number): Mapping | undefined;
	/** What a person calls the place of an address: a file's name, `[heap]`, `anonymous`. */
	regionOf(address: number): string | undefined;
};

const leastMillisecondsBetweenReads = 1000;
/** With ten thousand threads there are twenty thousand mappings: reading them may take so much of the time. */
const shareOfReads = 0.02;
/**
Descriptors are for the threads' own files, and a closed memory is opened again when it is read. That takes ten times as long as reading
it, so that where there are descriptors enough those of some hundred processes stay open.
*/
const openMemories = {least: 48, most: 512, shareOfDescriptors: 0.05};

const mostOpenMemories = (openFiles: number): number =>
	Math.max(
		openMemories.least,
		Math.min(openMemories.most, Math.floor(openFiles * openMemories.shareOfDescriptors)),
	);

/** A process's .bss is an anonymous mapping that follows directly on the file's last one. */
const fileInFront = (mappings: readonly Mapping[], mapping: Mapping): Mapping | undefined => {
	const before = mappings[mappings.indexOf(mapping) - 1];
	return before?.end === mapping.start && before.inode !== 0 ? before : undefined;
};

/** Each thread's stack has a page before it that nothing may touch: half of the mappings of a process of many threads. */
const isOfUse = ({permissions, path}: Mapping): boolean => permissions !== '---p' || path !== '';

const createAddressSpace = (
	procRoot: string,
	pid: number,
	opened: (memory: MemoryReader) => void,
): AddressSpace => {
	const reader = createMemoryReader(procRoot, pid);
	const memory: MemoryReader = {
		close: reader.close,
		read(address, length) {
			opened(reader);
			return reader.read(address, length);
		},
	};
	let known: Reading<readonly Mapping[]>;
	let readAt = Number.NEGATIVE_INFINITY;
	let millisecondsBetween = leastMillisecondsBetweenReads;

	const read = (): void => {
		const began = performance.now();
		const text = readText(`${procRoot}/${pid}/maps`);
		known = isKnown(text) ? parseMaps(text).filter(isOfUse) : text;
		readAt = performance.now();
		millisecondsBetween = Math.max(leastMillisecondsBetweenReads, (readAt - began) / shareOfReads);
	};

	const mappings = (): Reading<readonly Mapping[]> => {
		if (readAt === Number.NEGATIVE_INFINITY) {
			read();
		}

		return known;
	};

	const mappingOf = (address: number): Mapping | undefined => {
		const found = findMapping(mappings() ?? [], address);
		if (found || !known || performance.now() - readAt < millisecondsBetween) {
			return found;
		}

		read();
		return findMapping(known ?? [], address);
	};

	return {
		memory,
		mappings,
		mappingOf,
		regionOf(address) {
			const mapping = mappingOf(address);
			if (!mapping) {
				return undefined;
			}

			const named = mapping.path === '' ? fileInFront(known ?? [], mapping) : mapping;
			if (!named) {
				return 'anonymous';
			}

			return named.inode === 0 ? named.path : path.basename(named.path);
		},
	};
};

/** Address spaces of processes, kept until the process ends or runs another program. */
export type AddressSpaces = {
	of(process: ProcessEntry): AddressSpace;
	/** Lets go of those of processes that are gone. */
	prune(isAlive: (pid: number) => boolean): void;
};

/** `openFiles`: how many files this process may have open. */
export const createAddressSpaces = (procRoot: string, openFiles = 0): AddressSpaces => {
	const mostOpen = mostOpenMemories(openFiles);
	const open = new Set<MemoryReader>();
	/** Keeps those that were read last, in that order, and closes the one that was read longest ago. */
	const opened = (memory: MemoryReader): void => {
		open.delete(memory);
		open.add(memory);
		if (open.size > mostOpen) {
			const [oldest] = open;
			oldest!.close();
			open.delete(oldest!);
		}
	};

	const known = new Map<
		number,
		{generation: number; startTimeTicks: number; space: AddressSpace}
	>();
	return {
		of(process) {
			const {pid, generation, startTimeTicks} = process;
			const kept = known.get(pid);
			const same = ofSameProgram(kept, process);
			if (same) {
				return same.space;
			}

			kept?.space.memory.close();
			const space = createAddressSpace(procRoot, pid, opened);
			known.set(pid, {generation, startTimeTicks, space});
			return space;
		},
		prune(isAlive) {
			for (const [pid, {space}] of known) {
				if (!isAlive(pid)) {
					space.memory.close();
					known.delete(pid);
				}
			}
		},
	};
};
