import type {ElfFile, ElfSymbolTable, ReadBytes} from './elf-file.js';

/** A variable that one source file of a program keeps to itself. */
export type StaticVariable = {
	name: string;
	/** In bytes: one of another size is another variable, or one of a version that isn't known. */
	size: number;
};

const symbolBytes = 24;
const symbolWords = symbolBytes / 4;
/** Looked at before and behind the landmark: one source file has few symbols of its own. */
const neighbours = 256;
/** A local symbol (STB_LOCAL) of an object (STT_OBJECT), and a source file's name (STT_FILE), as `st_info`; see elf(5). */
const localObject = 1;
const sourceFile = 4;
/** Far above the tables of the largest programs, so that a damaged header doesn't take all memory. */
const tableLimitBytes = 256 * 2 ** 20;

/** A symbol of a table that was read as 32-bit words; `at`: its first word. */
const infoOf = (words: Uint32Array, at: number): number => words[at + 1]! & 255;
const addressOf = (words: Uint32Array, at: number): number =>
	words[at + 2]! + words[at + 3]! * 2 ** 32;
const sizeOf = (words: Uint32Array, at: number): number =>
	words[at + 4]! + words[at + 5]! * 2 ** 32;

type IsVariable = (at: number, variable: StaticVariable) => boolean;

/** Where the one such variable stands; undefined where there is none, or more than one: then it is no landmark. */
const findLandmark = (
	words: Uint32Array,
	landmark: StaticVariable,
	is: IsVariable,
): number | undefined => {
	let found: number | undefined;
	for (let at = 0; at + symbolWords <= words.length; at += symbolWords) {
		if (is(at, landmark)) {
			if (found !== undefined) {
				return undefined;
			}

			found = at;
		}
	}

	return found;
};

/** The symbols of the source file that the landmark is of: linkers write a file's name, then its local symbols. */
const sameFile = (words: Uint32Array, landmark: number): readonly number[] => {
	const places = [landmark];
	const most = neighbours * symbolWords;
	for (
		let at = landmark - symbolWords;
		at >= Math.max(0, landmark - most) && infoOf(words, at) !== sourceFile;
		at -= symbolWords
	) {
		places.push(at);
	}

	for (
		let at = landmark + symbolWords;
		at + symbolWords <= Math.min(words.length, landmark + most) && infoOf(words, at) !== sourceFile;
		at += symbolWords
	) {
		places.push(at);
	}

	return places;
};

const findIn = (
	table: ElfSymbolTable,
	read: ReadBytes,
	landmark: StaticVariable,
	wanted: readonly StaticVariable[],
): ReadonlyMap<string, number> | undefined => {
	const bytes = table.size > tableLimitBytes ? undefined : read(table.offset, table.size);
	if (bytes === undefined) {
		return undefined;
	}

	const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
	const words = new Uint32Array(aligned.buffer, aligned.byteOffset, Math.floor(aligned.length / 4));
	// Names are read one by one: of those that fit otherwise there are some hundred, and all names together are many megabytes.
	const is: IsVariable = (at, {name, size}) =>
		infoOf(words, at) === localObject &&
		sizeOf(words, at) === size &&
		read(table.namesOffset + words[at]!, name.length + 1)?.toString('latin1') === `${name}\0`;
	const start = findLandmark(words, landmark, is);
	if (start === undefined) {
		return undefined;
	}

	const places = sameFile(words, start);
	const found = new Map<string, number>();
	for (const variable of wanted) {
		const at = places.find(place => is(place, variable));
		if (at === undefined) {
			return undefined;
		}

		found.set(variable.name, addressOf(words, at));
	}

	return found;
};

/**
Addresses, as in the file, of variables that one source file keeps to itself. Their names (`wq`) are those of others too, so they are
looked for beside a landmark: a variable of the same source file that is the only one of its name in the program. Undefined unless all
are there in the sizes that are expected, as in a program whose symbols were taken away. Goes once over the table: some milliseconds
for 150,000 symbols.
*/
export const findStaticVariables = (
	file: ElfFile,
	read: ReadBytes,
	landmark: StaticVariable,
	wanted: readonly StaticVariable[],
): ReadonlyMap<string, number> | undefined => {
	for (const table of file.symbolTables) {
		const found = table.isDynamic ? undefined : findIn(table, read, landmark, wanted);
		if (found) {
			return found;
		}
	}

	return undefined;
};
