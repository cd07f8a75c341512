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

/** All functions of a file without an index, as static programs are. */
const readAllEntries = (frames: ElfPart, read: ReadBytes): readonly FrameEntry[] => {
	const bytes = frames.size > wholeTableLimitBytes ? undefined : read(frames.offset, frames.size);
	const entries: FrameEntry[] = [];
	const commons = new Map<number, CommonEntry | undefined>();
	const end = frames.virtualAddress + frames.size;
	const readFrames: ReadFrames = (address, length) =>
		bytes?.subarray(address - frames.virtualAddress, address - frames.virtualAddress + length);
	for (let address = frames.virtualAddress; bytes && address < end; ) {
		const found = readFrameEntry(readFrames, address, commons);
		if (!found) {
			break;
		}

		if (found.entry) {
			entries.push(found.entry);
		}

		address = found.next;
	}

	return entries.sort((a, b) => a.start - b.start);
};

const findEntry = (entries: readonly FrameEntry[], address: number): FrameEntry | undefined => {
	let low = 0;
	let high = entries.length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		if (entries[middle]!.start <= address) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}

	return entries[low - 1];
};

export const createFrameTable = (elf: ElfFile): FrameTable => {
	const commons = new Map<number, CommonEntry | undefined>();
	let all: readonly FrameEntry[] | undefined;

	const entryAt = (read: ReadBytes, address: number): FrameEntry | undefined => {
		if (elf.frameIndex) {
			const at = findByIndex(elf.frameIndex, read, address);
			return at === undefined
				? undefined
				: readFrameEntry(readFramesOf(elf, read), at, commons)?.entry;
		}

		all ??= elf.frames ? readAllEntries(elf.frames, read) : [];
		return findEntry(all, address);
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
