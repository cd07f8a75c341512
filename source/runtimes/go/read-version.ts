import type {Mapping} from '../../procfs/maps.js';
import {type ReadBytes, readElfFile} from '../../symbols/elf-file.js';
import {readSections} from '../../symbols/elf-section.js';
import {openFile} from '../../symbols/mapped-file.js';
import {goVersion} from './build-info.js';

/** The description begins the program's data, behind what is made read-only at start. */
const partBytes = 2 ** 16;
const mostParts = 4;

/** Where Go's linker and others put the description, which others may leave anywhere in the data. */
const descriptionSection = '.go.buildinfo';
/** Go's own table of functions: it stays where everything else that tells was left out. */
const functionsSection = '.gopclntab';
const mostDescriptionBytes = 4096;

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
		const sections = readSections(opened.read);
		const described = sections.find(({name}) => name === descriptionSection);
		const description =
			described && opened.read(described.offset, Math.min(mostDescriptionBytes, described.size));
		const told = description && goVersion(description);
		if (told !== undefined) {
			return told;
		}

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

		return sections.some(({name}) => name === functionsSection) ? '' : undefined;
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
