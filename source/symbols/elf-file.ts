/** Reads exactly `length` bytes of a file at `offset`; `undefined` when they aren't all there. */
export type ReadBytes = (offset: number, length: number) => Buffer | undefined;

/** A part of the file that is mapped when the program starts (PT_LOAD), see elf(5). */
export type ElfLoad = {
	offset: number;
	virtualAddress: number;
	memorySize: number;
};

/** A section that holds symbols, and the section that holds their names. */
export type ElfSymbolTable = {
	offset: number;
	size: number;
	namesOffset: number;
	namesSize: number;
	/** Whether it holds only what other files can use: `.dynsym`. */
	isDynamic: boolean;
};

/** A part of the file, and where it lies in memory before the load bias is added. */
export type ElfPart = {
	offset: number;
	virtualAddress: number;
	size: number;
};

export type ElfFile = {
	loads: readonly ElfLoad[];
	/** Where functions' frames are described, by rising address where there is an index (`.eh_frame_hdr`). */
	frameIndex?: ElfPart;
	/** `.eh_frame`, as its section says; static programs have it without an index. */
	frames?: ElfPart;
	/** PT_NOTE: the build id among them. */
	notes: readonly ElfPart[];
	/** `.dynsym`, which survives strip(1), then `.symtab` where it's kept. */
	symbolTables: readonly ElfSymbolTable[];
};

const headerSize = 64;
const programHeaderSize = 56;
const sectionHeaderSize = 64;
const loadType = 1;
const noteType = 4;
/** PT_GNU_EH_FRAME. */
const frameIndexType = 0x6474_e550;
const symbolTableType = 2;
const dynamicSymbolTableType = 11;

/** More headers than any real file has: a damaged one must not make us read for ever. */
const headerLimit = 4096;
const nameLimitBytes = 2 ** 20;
const framesName = '.eh_frame\0';

const readNumber = (bytes: Buffer, offset: number): number => Number(bytes.readBigUInt64LE(offset));

const readProgramHeaders = (
	header: Buffer,
	read: ReadBytes,
): Pick<ElfFile, 'loads' | 'notes' | 'frameIndex'> => {
	const count = Math.min(header.readUInt16LE(56), headerLimit);
	const table = read(readNumber(header, 32), count * programHeaderSize);

	if (table === undefined) {
		return {loads: [], notes: []};
	}

	const ofType = (type: number) =>
		Array.from({length: count}, (_, index) => index * programHeaderSize)
			.filter(at => table.readUInt32LE(at) === type)
			.map(at => ({
				offset: readNumber(table, at + 8),
				virtualAddress: readNumber(table, at + 16),
				size: readNumber(table, at + 32),
				memorySize: readNumber(table, at + 40),
			}));
	const [frameIndex] = ofType(frameIndexType);

	return {
		loads: ofType(loadType).map(({size: _, ...load}) => load),
		notes: ofType(noteType),
		...(frameIndex && {frameIndex}),
	};
};

/** `.eh_frame` by its name, as its type doesn't tell it from others. */
const findFrames = (
	header: Buffer,
	table: Buffer,
	count: number,
	read: ReadBytes,
): ElfPart | undefined => {
	const namesAt = header.readUInt16LE(62) * sectionHeaderSize;

	if (namesAt + sectionHeaderSize > table.length) {
		return undefined;
	}

	const names = read(
		readNumber(table, namesAt + 24),
		Math.min(readNumber(table, namesAt + 32), nameLimitBytes),
	);

	for (let at = 0; names && at < count * sectionHeaderSize; at += sectionHeaderSize) {
		const name = table.readUInt32LE(at);

		if (names.toString('latin1', name, name + framesName.length) === framesName) {
			return {
				offset: readNumber(table, at + 24),
				virtualAddress: readNumber(table, at + 16),
				size: readNumber(table, at + 32),
			};
		}
	}

	return undefined;
};

const readSections = (
	header: Buffer,
	read: ReadBytes,
): Pick<ElfFile, 'symbolTables' | 'frames'> => {
	const count = Math.min(header.readUInt16LE(60), headerLimit);
	const table = read(readNumber(header, 40), count * sectionHeaderSize);

	if (table === undefined) {
		return {symbolTables: []};
	}

	const ofType = (type: number): readonly ElfSymbolTable[] =>
		Array.from({length: count}, (_, index) => index * sectionHeaderSize)
			.filter(at => table.readUInt32LE(at + 4) === type)
			.flatMap(at => {
				const names = table.readUInt32LE(at + 40) * sectionHeaderSize;

				return names + sectionHeaderSize > table.length
					? []
					: [
							{
								offset: readNumber(table, at + 24),
								size: readNumber(table, at + 32),
								namesOffset: readNumber(table, names + 24),
								namesSize: readNumber(table, names + 32),
								isDynamic: type === dynamicSymbolTableType,
							},
						];
			});

	const frames = findFrames(header, table, count, read);

	return {
		symbolTables: [...ofType(dynamicSymbolTableType), ...ofType(symbolTableType)],
		...(frames && {frames}),
	};
};

/** Where a 64-bit little-endian ELF file keeps its parts; `undefined` for any other file. See elf(5). */
export const readElfFile = (read: ReadBytes): ElfFile | undefined => {
	const header = read(0, headerSize);
	const is64BitLittleEndian =
		header?.toString('latin1', 0, 6) === '\u007FELF\u0002\u0001' &&
		header.readUInt16LE(54) === programHeaderSize;

	if (header === undefined || !is64BitLittleEndian) {
		return undefined;
	}

	return {
		...readProgramHeaders(header, read),
		...(header.readUInt16LE(58) === sectionHeaderSize
			? readSections(header, read)
			: {symbolTables: []}),
	};
};

/**
How far the program was moved when it was mapped: an address in memory minus the one in the file. Taken from a mapping that begins
where a part of the file does, as its first one always does; `undefined` for others.
*/
export const loadBias = (
	file: ElfFile,
	mapping: {readonly start: number; readonly offset: number},
): number | undefined => {
	const load = file.loads.find(({offset}) => offset === mapping.offset);

	return load === undefined ? undefined : mapping.start - load.virtualAddress;
};
