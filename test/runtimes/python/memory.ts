import type {ReadMemory} from '../../../source/procfs/memory.js';
import type {PythonInterpreter} from '../../../source/runtimes/python/interpreter.js';
import {createPythonProcess} from '../../../source/runtimes/python/python-process.js';

const pageBytes = 4096;

/** Memory of a process that isn't there: what lies in a page that nothing was written to isn't mapped. */
export type GoldenMemory = {
	read: ReadMemory;
	/** Writes 64-bit words. */
	words(values: Readonly<Record<number, number | bigint>>): GoldenMemory;
	/** Writes bytes. */
	bytes(address: number, content: Uint8Array): GoldenMemory;
	/** Takes a page away. */
	unmap(address: number): void;
};

export const makeMemory = (): GoldenMemory => {
	const pages = new Map<number, Buffer>();
	const pageOf = (address: number): number => Math.floor(address / pageBytes);
	const memory: GoldenMemory = {
		read(address, length) {
			const parts: Buffer[] = [];
			for (let at = address; at < address + length; ) {
				const page = pages.get(pageOf(at));
				if (!page) {
					return undefined;
				}

				const start = at % pageBytes;
				const end = Math.min(pageBytes, start + address + length - at);
				parts.push(page.subarray(start, end));
				at += end - start;
			}

			return Buffer.concat(parts);
		},
		words(values) {
			for (const [address, value] of Object.entries(values)) {
				const word = Buffer.alloc(8);
				word.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)));
				memory.bytes(Number(address), word);
			}

			return memory;
		},
		bytes(address, content) {
			for (const [index, byte] of content.entries()) {
				const at = address + index;
				const page = pages.get(pageOf(at)) ?? Buffer.alloc(pageBytes);
				pages.set(pageOf(at), page);
				page[at % pageBytes] = byte;
			}

			return memory;
		},
		unmap(address) {
			pages.delete(pageOf(address));
		},
	};
	return memory;
};

export const interpreterOf = (version: string): PythonInterpreter => {
	const [major = 0, minor = 0] = version.split('.').map(part => Number.parseInt(part, 10));

	return {
		version,
		major,
		minor,
		isFreeThreaded: version.endsWith('t'),
		region: `python${version}`,
		mapping: {
			start: 0,
			end: 0,
			permissions: '',
			offset: 0,
			device: '',
			inode: 1,
			path: '',
			isDeleted: false,
		},
		data: [],
	};
};

export type GoldenOptions = {
	version: string;
	symbols: Readonly<Record<string, number>>;
	read: ReadMemory;
	/** Those that live; the process's own ids are ours. */
	tids?: readonly number[];
	tidOf?: (ownTid: number) => number | undefined;
	architecture?: string;
};

export const openPython = ({
	version,
	symbols,
	read,
	tids = [4711, 4712],
	tidOf = tid => (tids.includes(tid) ? tid : undefined),
	architecture = 'x64',
}: GoldenOptions) =>
	createPythonProcess({
		interpreter: interpreterOf(version),
		symbols: new Map(Object.entries(symbols)),
		readMemory: read,
		tidOf,
		architecture,
	});
