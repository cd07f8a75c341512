import {promisify} from 'node:util';
import {inflate} from 'node:zlib';
import type {ReadBytes} from './elf-file.js';
import type {MappedFile} from './mapped-file.js';

/** A section by its name, as its header tells it; see elf(5). */
export type Section = {name: string; offset: number; size: number; isCompressed: boolean};

const headerBytes = 64;
const sectionHeaderBytes = 64;
const mostSections = 4096;
const mostNameBytes = 2 ** 20;
/** SHF_COMPRESSED: a header of its own stands in front, with how it is compressed and how long it will be. */
const compressedFlag = 0x800n;
const compressionHeaderBytes = 24;
const zlibType = 1;
/** Before that flag there was a name of its own: `.zdebug_info` begins with `ZLIB`, and the length with the largest byte first. */
const oldMagic = 'ZLIB';
const oldHeaderBytes = 12;

const inflateLater = promisify(inflate);

const toNumber = (bytes: Buffer, at: number): number => Number(bytes.readBigUInt64LE(at));

/** All sections of a 64-bit little-endian ELF file; none of any other. */
export const readSections = (read: ReadBytes): readonly Section[] => {
	const header = read(0, headerBytes);
	if (header?.toString('latin1', 0, 6) !== '\u007FELF\u0002\u0001') {
		return [];
	}

	const count = Math.min(header.readUInt16LE(60), mostSections);
	const namesAt = header.readUInt16LE(62) * sectionHeaderBytes;
	const table = read(toNumber(header, 40), count * sectionHeaderBytes);
	if (!table || namesAt + sectionHeaderBytes > table.length) {
		return [];
	}

	const namesSize = Math.min(toNumber(table, namesAt + 32), mostNameBytes);
	const names = read(toNumber(table, namesAt + 24), namesSize);
	return Array.from({length: names ? count : 0}, (_, index) => {
		const at = index * sectionHeaderBytes;
		const nameAt = table.readUInt32LE(at);
		return {
			name: names!.toString('latin1', nameAt, Math.max(nameAt, names!.indexOf(0, nameAt))),
			offset: toNumber(table, at + 24),
			size: toNumber(table, at + 32),
			isCompressed: (table.readBigUInt64LE(at + 8) & compressedFlag) !== 0n,
		};
	});
};

/** How a section was made smaller: where it begins, and its length before; undefined where it wasn't, null in a way that isn't known. */
const compressionOf = (
	bytes: Buffer,
	{name, isCompressed}: Section,
): {from: number; length: number} | null | undefined => {
	if (isCompressed) {
		return bytes.length >= compressionHeaderBytes && bytes.readUInt32LE(0) === zlibType
			? {from: compressionHeaderBytes, length: toNumber(bytes, 8)}
			: null;
	}

	if (!name.startsWith('.z')) {
		return undefined;
	}

	return bytes.length >= oldHeaderBytes && bytes.toString('latin1', 0, 4) === oldMagic
		? {from: oldHeaderBytes, length: Number(bytes.readBigUInt64BE(4))}
		: null;
};

/**
What a section of debug information holds, by its name without `.debug_`, compressed or not. Read and made larger again by other threads
than ours. Undefined where there is none, where it is longer than `mostBytes`, and where it can't be read.
*/
export const readDebugSection = async (
	file: MappedFile,
	name: string,
	mostBytes: number,
): Promise<Buffer | undefined> => {
	const names = [`.debug_${name}`, `.zdebug_${name}`];
	const section = readSections(file.read).find(each => names.includes(each.name));
	if (!section || section.size === 0 || section.size > mostBytes) {
		return undefined;
	}

	const bytes = Buffer.allocUnsafe(section.size);
	if ((await file.readLater(bytes, section.offset, section.size)) < section.size) {
		return undefined;
	}

	const compression = compressionOf(bytes, section);
	if (compression === undefined) {
		return bytes;
	}

	if (compression === null || compression.length > mostBytes) {
		return undefined;
	}

	try {
		return await inflateLater(bytes.subarray(compression.from), {
			maxOutputLength: compression.length,
		});
	} catch {
		return undefined;
	}
};
