import {basename} from 'node:path';
import type {Mapping} from '../../procfs/maps.js';

type Range = {start: number; end: number};

/** The file that holds CPython in a process's memory. */
export type PythonInterpreter = {
	/** `3.11`. */
	version: string;
	major: number;
	minor: number;
	/** Whether it was built to run without the GIL: `3.13t`. */
	isFreeThreaded: boolean;
	/** Base name of the file: `libpython3.11.so.1.0`, `python3.11`. */
	region: string;
	/** The file's first mapping. */
	mapping: Mapping;
	/** Where its variables lie. */
	data: readonly Range[];
};

const libraryPattern = /^libpython(\d)\.(\d+)(t?)[a-z]*\.so/;
const programPattern = /^python(\d)\.(\d+)(t?)[a-z]*$/;

/**
Writable parts of a file. Variables without a first value (.bss) lie in the anonymous memory that directly follows, which the kernel
shows without the file's name.
*/
const dataRanges = (mappings: readonly Mapping[], of: Mapping): readonly Range[] =>
	mappings.flatMap((mapping, index) => {
		const isOwnData =
			mapping.inode === of.inode &&
			mapping.device === of.device &&
			mapping.permissions.startsWith('rw');

		if (!isOwnData) {
			return [];
		}

		const next = mappings[index + 1];
		const isFollowed =
			next !== undefined &&
			next.start === mapping.end &&
			next.path === '' &&
			next.permissions.startsWith('rw');

		return [{start: mapping.start, end: isFollowed ? next.end : mapping.end}];
	});

const matchBy = (mappings: readonly Mapping[], pattern: RegExp): PythonInterpreter | undefined => {
	for (const mapping of mappings) {
		const region = basename(mapping.path);
		const match = mapping.inode === 0 ? null : pattern.exec(region);

		if (match !== null) {
			const [, major = '', minor = '', threaded = ''] = match;

			return {
				version: `${major}.${minor}`,
				major: Number(major),
				minor: Number(minor),
				isFreeThreaded: threaded !== '',
				region,
				mapping,
				data: dataRanges(mappings, mapping),
			};
		}
	}

	return undefined;
};

/**
CPython in a process, from its maps: the shared library where there is one, also inside another program, else the program
itself. `undefined` when neither is there.
*/
export const findPythonInterpreter = (
	mappings: readonly Mapping[],
): PythonInterpreter | undefined =>
	matchBy(mappings, libraryPattern) ?? matchBy(mappings, programPattern);

/** Whether an address is one of the interpreter's own variables. */
export const isInterpreterData = (interpreter: PythonInterpreter, address: number): boolean =>
	interpreter.data.some(({start, end}) => address >= start && address < end);
