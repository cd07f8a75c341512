import path from 'node:path';
import type {Mapping} from '../../procfs/maps.js';
import type {ReadMemory} from '../../procfs/memory.js';
import {loadBias, readElfFile} from '../../symbols/elf-file.js';
import {openMappedFile} from '../../symbols/mapped-file.js';
import {findStaticVariables} from '../../symbols/static-variables.js';
import {
	createThreadPoolReader,
	poolLandmark,
	poolVariables,
	type ThreadPoolReader,
} from './thread-pool.js';

/** What came of looking for libuv's pool in a process. */
export type PoolAttachment =
	| {state: 'attached'; pool: ThreadPoolReader}
	/** The file that libuv is in doesn't say where it keeps its variables: its symbols were taken away. */
	| {state: 'unknown'; file: string}
	/** The file or the process's memory can't be read. */
	| {state: 'unreadable'};

export type AttachToPool = (
	procRoot: string,
	pid: number,
	mapping: Mapping,
	readMemory: ReadMemory,
) => PoolAttachment;

/** The file that has libuv in it, by its first mapping: a library of its own, as with Debian's Node.js, or the program itself. */
export const findLibuv = (
	mappings: readonly Mapping[],
	program: string | undefined,
): Mapping | undefined => {
	const firsts = mappings.filter(({inode, offset}) => inode !== 0 && offset === 0);
	return (
		firsts.find(({path: file}) => /\/libuv\.so[.\d]*$/.test(file)) ??
		firsts.find(({path: file}) => file === program)
	);
};

/** Keeps what it found in each file: to look through Node.js's symbols takes some twenty milliseconds. */
export const createAttachToPool = (architecture: string): AttachToPool => {
	const known = new Map<string, ReadonlyMap<string, number> | undefined>();

	return (procRoot, pid, mapping, readMemory) => {
		const file = openMappedFile(procRoot, pid, mapping);
		try {
			const elf = file && readElfFile(file.read);
			const bias = elf && loadBias(elf, mapping);
			if (!file || !elf || bias === undefined || !readMemory(mapping.start, 4)) {
				return {state: 'unreadable'};
			}

			if (!known.has(file.identity)) {
				known.set(file.identity, findStaticVariables(elf, file.read, poolLandmark, poolVariables));
			}

			const inFile = known.get(file.identity);
			const addresses = new Map([...(inFile ?? [])].map(([name, at]) => [name, bias + at]));
			const pool = inFile && createThreadPoolReader(addresses, readMemory, architecture);
			return pool
				? {state: 'attached', pool}
				: {state: 'unknown', file: path.basename(mapping.path)};
		} finally {
			file?.close();
		}
	};
};
