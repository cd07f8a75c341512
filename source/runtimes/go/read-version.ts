import type {Mapping} from '../../procfs/maps.js';
import {type ReadBytes, readElfFile} from '../../symbols/elf-file.js';
import {openFile} from '../../symbols/mapped-file.js';
import {goVersion} from './build-info.js';

/** The description begins the program's data, behind what is made read-only at start. */
const partBytes = 2 ** 16;
const mostParts = 4;

const sectionHeaderBytes = 64;
const mostNameBytes = 2 ** 16;

/** Whether a program has Go's own table of functions: it stays where everything else that tells was left out. See elf(5). */
const hasGoFunctions = (read: ReadBytes): boolean => {
	const header = read(0, 64);
	if (header?.toString('latin1', 0, 6) !== '\u007FELF\u0002\u0001') {
		return false;
	}

	const names = read(
		Number(header.readBigUInt64LE(40)) + header.readUInt16LE(62) * sectionHeaderBytes,
		sectionHeaderBytes,
	);
	const size = Math.min(mostNameBytes, Number(names?.readBigUInt64LE(32) ?? 0));
	return (
		names !== undefined &&
		read(Number(names.readBigUInt64LE(24)), size)?.includes('.gopclntab\0') === true
	);
};

/** Where data lies in the file, and how much of it to try, the most first. */
type Part = {offset: number; lengths: readonly number[]};

/** Looks for the version in the last parts of a file; undefined also where it can't be read. */
const readVersion = (
	file: string,
	partsOf: (read: ReadBytes) => readonly Part[],
): string | undefined => {
	const opened = openFile(file);
	if (!opened) {
		return undefined;
	}

	try {
		for (const {offset, lengths} of partsOf(opened.read).slice(-mostParts).reverse()) {
			let bytes: Buffer | undefined;
			for (const length of lengths) {
				bytes ??= opened.read(offset, length);
			}

			const version = bytes && goVersion(bytes);
			if (version !== undefined) {
				return version;
			}
		}

		return hasGoFunctions(opened.read) ? '' : undefined;
	} finally {
		opened.close();
	}
};

/** Version of Go that a program was made with, read from the first bytes of its parts that hold data; an empty text where it
isn't told, undefined for other programs. */
export const readGoVersion = (file: string, mappings: readonly Mapping[]): string | undefined => {
	const data = mappings.filter(({permissions, offset}) => permissions[2] !== 'x' && offset > 0);
	return data.length === 0
		? undefined
		: readVersion(file, () =>
				data.map(({start, end, offset}) => ({offset, lengths: [Math.min(partBytes, end - start)]})),
			);
};

/** Of data that ends before, so much is tried: the description begins it. */
const littleBytes = 4096;

/** The same from the file alone, for a process whose mappings are refused; undefined also for a file that can't be read. */
export const readGoVersionOfFile = (file: string): string | undefined =>
	readVersion(file, read =>
		(readElfFile(read)?.loads ?? []).map(({offset}) => ({
			offset,
			lengths: [partBytes, littleBytes],
		})),
	);
