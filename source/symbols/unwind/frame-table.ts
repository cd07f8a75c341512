import type {ElfFile, ElfPart, ReadBytes} from '../elf-file.js';
import {type CommonEntry, type FrameEntry, type ReadFrames, readFrameEntry} from './frame-entry.js';
import {type FrameRule, frameRule} from './frame-rule.js';

/** How functions of one file lay out their frames. */
export type FrameTable = {
	/** Rule at an address of the file; undefined when it has none. */
	ruleAt(read: ReadBytes, address: number): FrameRule | undefined;
};

/** A table without an index is read whole. */
const wholeTableLimitBytes = 16 * 2 ** 20;
/** `.eh_frame_hdr` as every linker writes it: pointers relative to the header, sorted. */
const sortedRelativeEncoding = 0x3b;
const countEncoding = 0x03;
const indexHeaderBytes = 12;
const indexEntryBytes = 8;
const entriesReadAtOnce = 256;

const fileOffset = ({loads}: ElfFile, address: number): number | undefined => {
	const load = loads.find(
		({virtualAddress, memorySize}) =>
			address >= virtualAddress && address < virtualAddress + memorySize,
	);
	return load && load.offset + (address - load.virtualAddress);
};

const readFramesOf =
	(elf: ElfFile, read: ReadBytes): ReadFrames =>
	(address, length) => {
		const offset = fileOffset(elf, address);
		if (offset === undefined) {
			return undefined;
		}

		// The last entry of a file may end less than that before the file does.
		return read(offset, length) ?? read(offset, 64) ?? read(offset, 24);
	};

/** Entry of the function that an address is in, by bisection of the index in the file: some small reads, and nothing is kept. */
const findByIndex = (index: ElfPart, read: ReadBytes, address: number): number | undefined => {
	const header = read(index.offset, indexHeaderBytes);
	if (header?.readUInt8(2) !== countEncoding || header.readUInt8(3) !== sortedRelativeEncoding) {
		return undefined;
	}

	const table = index.offset + indexHeaderBytes;
	const relative = address - index.virtualAddress;
	let low = 0;
	let high = header.readUInt32LE(8);
	while (high - low > entriesReadAtOnce) {
		const middle = (low + high) >>> 1;
		const entry = read(table + middle * indexEntryBytes, 4);
		if (!entry) {
			return undefined;
		}

		if (entry.readInt32LE(0) <= relative) {
			low = middle;
		} else {
			high = middle;
		}
	}

	const entries = read(table + low * indexEntryBytes, (high - low) * indexEntryBytes);
	let found: number | undefined;
	for (let at = 0; entries && at < entries.length; at += indexEntryBytes) {
		if (entries.readInt32LE(at) > relative) {
			break;
		}

		found = index.virtualAddress + entries.readInt32LE(at + 4);
	}

	return found;
};

/** Where functions begin, sorted, and where their entries are: what `.eh_frame_hdr` would say. */
type Index = {starts: Float64Array; entries: Float64Array};

/** Pointers relative to themselves in four bytes, as compilers write them nearly always. */
const relativeEncoding = 0x1b;

/** Makes the index of a file that has none, as static programs are, in one pass over all entries. */
const buildIndex = (frames: ElfPart, read: ReadBytes): Index => {
	const bytes = frames.size > wholeTableLimitBytes ? undefined : read(frames.offset, frames.size);
	const commons = new Map<number, CommonEntry | undefined>();
	const readFrames: ReadFrames = (address, length) =>
		bytes?.subarray(address - frames.virtualAddress, address - frames.virtualAddress + length);
	const found: [start: number, entry: number][] = [];
	for (let at = 0; bytes && at + 16 <= bytes.length; ) {
		const length = bytes.readUInt32LE(at);
		if (length < 8) {
			break;
		}

		const back = bytes.readUInt32LE(at + 4);
		const address = frames.virtualAddress + at;
		const common = back === 0 ? undefined : commons.get(address + 4 - back);
		if (common?.pointerEncoding === relativeEncoding) {
			found.push([address + 8 + bytes.readInt32LE(at + 8), address]);
		} else if (back !== 0) {
			const entry = readFrameEntry(readFrames, address, commons)?.entry;
			if (entry) {
				found.push([entry.start, address]);
			}
		}

		at += length + 4;
	}

	found.sort(([a], [b]) => a - b);
	return {
		starts: Float64Array.from(found, ([start]) => start),
		entries: Float64Array.from(found, ([, entry]) => entry),
	};
};

const findInIndex = ({starts, entries}: Index, address: number): number | undefined => {
	let low = 0;
	let high = starts.length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		if (starts[middle]! <= address) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}

	return entries[low - 1];
};

export const createFrameTable = (elf: ElfFile): FrameTable => {
	const commons = new Map<number, CommonEntry | undefined>();
	let own: Index | undefined;

	const findEntry = (read: ReadBytes, address: number): number | undefined => {
		if (elf.frameIndex) {
			return findByIndex(elf.frameIndex, read, address);
		}

		own ??= elf.frames && buildIndex(elf.frames, read);
		return own && findInIndex(own, address);
	};

	const entryAt = (read: ReadBytes, address: number): FrameEntry | undefined => {
		const at = findEntry(read, address);
		return at === undefined
			? undefined
			: readFrameEntry(readFramesOf(elf, read), at, commons)?.entry;
	};

	return {
		ruleAt(read, address) {
			try {
				const entry = entryAt(read, address);
				return entry && address >= entry.start && address < entry.end
					? frameRule(entry, address)
					: undefined;
			} catch (error) {
				if (error instanceof RangeError) {
					return undefined;
				}

				throw error;
			}
		},
	};
};
