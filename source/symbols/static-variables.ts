import type {ElfFile, ElfSymbolTable, ReadBytes} from './elf-file.js';

/** A variable that one source file of a program keeps to itself. */
export type StaticVariable = {
	name: string;
	/** In bytes: one of another size is another variable, or one of a version that isn't known. */
	size: number;
};

const symbolBytes = 24;
const symbolWords = symbolBytes / 4;
/** Read at once: one large read would cost more, as memory that is new to this process is. */
const symbolsPerPart = 4096;
/** Looked at before and behind the landmark: one source file has few symbols of its own. */
const neighbours = 256;
/** A local symbol (STB_LOCAL) of an object (STT_OBJECT), and a source file's name (STT_FILE), as `st_info`; see elf(5). */
const localObject = 1;
const sourceFile = 4;
/** Far above the tables of the largest programs, so that a damaged header doesn't take all time. */
const tableLimitBytes = 256 * 2 ** 20;

/** Some symbols of a table, as 32-bit words; undefined where they can't be read. */
const readSymbols = (
	table: ElfSymbolTable,
	read: ReadBytes,
	first: number,
	count: number,
): Uint32Array | undefined => {
	const bytes = read(table.offset + first * symbolBytes, count * symbolBytes);
	if (bytes === undefined) {
		return undefined;
	}

	const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
	return new Uint32Array(aligned.buffer, aligned.byteOffset, count * symbolWords);
};

/** First words of the local objects of one size among some symbols. */
const objectsOfSize = (words: Uint32Array, size: number): readonly number[] => {
	const found: number[] = [];
	for (let at = 0; at < words.length; at += symbolWords) {
		if (words[at + 4] === size && words[at + 5] === 0 && (words[at + 1]! & 255) === localObject) {
			found.push(at);
		}
	}

	return found;
};

/** Names are read one by one: of objects that fit there are some hundred, and all names together are many megabytes. */
const isCalled = (table: ElfSymbolTable, read: ReadBytes, nameAt: number, name: string): boolean =>
	read(table.namesOffset + nameAt, name.length + 1)?.toString('latin1') === `${name}\0`;

/** Which symbol the one such variable is; undefined where there is none, or more than one: then it is no landmark. */
const findLandmark = (
	table: ElfSymbolTable,
	read: ReadBytes,
	{name, size}: StaticVariable,
): number | undefined => {
	const count = Math.floor(table.size / symbolBytes);
	let found: number | undefined;
	for (let first = 0; first < count; first += symbolsPerPart) {
		const words = readSymbols(table, read, first, Math.min(symbolsPerPart, count - first));
		for (const at of words ? objectsOfSize(words, size) : []) {
			if (isCalled(table, read, words![at]!, name)) {
				if (found !== undefined) {
					return undefined;
				}

				found = first + at / symbolWords;
			}
		}
	}

	return found;
};

/** The symbols of the source file that the landmark is of: linkers write a file's name, then its local symbols. */
const symbolsOfSameFile = (
	table: ElfSymbolTable,
	read: ReadBytes,
	landmark: number,
): Uint32Array | undefined => {
	const first = Math.max(0, landmark - neighbours);
	const last = Math.min(Math.floor(table.size / symbolBytes), landmark + neighbours);
	const words = readSymbols(table, read, first, last - first);
	const isFile = (at: number): boolean => (words![at + 1]! & 255) === sourceFile;
	let from = (landmark - first) * symbolWords;
	let to = from;
	while (words && from > 0 && !isFile(from)) {
		from -= symbolWords;
	}

	while (words && to < words.length && !isFile(to)) {
		to += symbolWords;
	}

	return words?.subarray(from, to);
};

const findIn = (
	table: ElfSymbolTable,
	read: ReadBytes,
	landmark: StaticVariable,
	wanted: readonly StaticVariable[],
): ReadonlyMap<string, number> | undefined => {
	const place = table.size > tableLimitBytes ? undefined : findLandmark(table, read, landmark);
	const words = place === undefined ? undefined : symbolsOfSameFile(table, read, place);
	if (!words) {
		return undefined;
	}

	const found = new Map<string, number>();
	for (const {name, size} of wanted) {
		const at = objectsOfSize(words, size).find(each => isCalled(table, read, words[each]!, name));
		if (at === undefined) {
			return undefined;
		}

		found.set(name, words[at + 2]! + words[at + 3]! * 2 ** 32);
	}

	return found;
};

/**
Addresses, as in the file, of variables that one source file keeps to itself. Their names (`wq`) are those of others too, so they are
looked for beside a landmark: a variable of the same source file that is the only one of its name in the program. Undefined unless all
are there in the sizes that are expected, as in a program whose symbols were taken away. Goes once over the table: some twenty
milliseconds for 150,000 symbols.
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
