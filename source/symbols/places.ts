import type {Mapping} from '../procfs/maps.js';
import type {ProgramFile, ProgramFiles} from './program-file.js';

/** Where an address of a process lies in a program or library. */
export type Place = {
	readonly file: ProgramFile;
	/** Address in memory minus the one in the file. */
	readonly bias: number;
	/** The file's first mapping, by which it can be opened. */
	readonly mapping: Mapping;
};

/** Which program or library the addresses of processes lie in. */
export type Places = {
	/** By the mapping that holds the address; undefined when it's of no file, or of one that can't be read. */
	of(pid: number, mappings: readonly Mapping[], mapping: Mapping): Place | undefined;
};

/** A file has a handful of mappings, with gaps of none between them. */
const mappingsOfOneFile = 32;

/**
The first mapping of the file that a mapping is of. Variables without a first value (.bss) lie in anonymous memory that directly
follows the file's last mapping.
*/
const firstMapping = (mappings: readonly Mapping[], mapping: Mapping): Mapping | undefined => {
	let index = mappings.indexOf(mapping);
	if (mapping.inode === 0) {
		const before = mappings[index - 1];
		if (mapping.path !== '' || before?.end !== mapping.start || before.inode === 0) {
			return undefined;
		}

		index--;
	}

	const {inode, device} = mappings[index]!;
	for (let back = 0; back < mappingsOfOneFile && index - back >= 0; back++) {
		const each = mappings[index - back]!;
		if (each.inode === inode && each.device === device && each.offset === 0) {
			return each;
		}
	}

	return undefined;
};

export const createPlaces = (files: ProgramFiles): Places => {
	// Mappings are made anew when maps are read again, and these go with them.
	const known = new WeakMap<Mapping, Place | null>();

	const find = (pid: number, mappings: readonly Mapping[], mapping: Mapping): Place | undefined => {
		const first = firstMapping(mappings, mapping);
		const file = first && files.of({pid, mapping: first});
		const load = file?.elf.loads.find(({offset}) => offset === 0);
		return file && load
			? {file, mapping: first, bias: first.start - load.virtualAddress}
			: undefined;
	};

	return {
		of(pid, mappings, mapping) {
			let place = known.get(mapping);
			if (place === undefined) {
				place = find(pid, mappings, mapping) ?? null;
				known.set(mapping, place);
			}

			return place ?? undefined;
		},
	};
};
