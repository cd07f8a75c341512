import {demangle} from './demangle.js';
import type {ElfSymbolTable, ReadBytes} from './elf-file.js';

/** A symbol that an address lies in. */
export type FoundSymbol = {
	/** As the file has it: mangled. */
	name: string;
	/** As its programmer wrote it. */
	readable: string;
	/** Where it begins, as in the file: without the load bias. */
	start: number;
	size: number;
};

const symbolBytes = 24;
/** Symbols that are read and gone over at once: well under a millisecond, and what lies between two of them may wait. */
export const symbolsPerPart = 4096;
export const partBytes = symbolsPerPart * symbolBytes;
const wordsPerSymbol = symbolBytes / 4;
const longestName = 4096;
/** Far above the tables of the largest programs, so that a damaged header doesn't take all time. */
const tableLimitBytes = 256 * 2 ** 20;

/** STT_NOTYPE, STT_OBJECT, STT_FUNC, STT_GNU_IFUNC: the others are no places in memory. */
const placeTypes = new Set([0, 1, 2, 10]);

type Candidate = {start: number; size: number; nameAt: number; isLocal: boolean};

const readName = (table: ElfSymbolTable, read: ReadBytes, at: number): string => {
	const length = Math.min(longestName, table.namesSize - at);
	const bytes = length > 0 ? read(table.namesOffset + at, length) : undefined;
	const end = bytes?.indexOf(0) ?? -1;
	// In full tables the version stands behind the name.
	return bytes && end >= 0 ? bytes.toString('utf8', 0, end).replace(/@+[\w.]+$/, '') : '';
};

const leadingUnderscores = (name: string): number => name.length - name.replace(/^_+/, '').length;

/** Of several names of one place the one that a programmer knows: global, and without underscores in front. */
const bestName = (
	candidates: readonly Candidate[],
	table: ElfSymbolTable,
	read: ReadBytes,
): FoundSymbol | undefined => {
	const start = Math.max(...candidates.map(candidate => candidate.start));
	const [best] = candidates
		.filter(candidate => candidate.start === start)
		.map(candidate => ({...candidate, name: readName(table, read, candidate.nameAt)}))
		.filter(({name}) => name !== '')
		.sort(
			(a, b) =>
				Number(a.isLocal) - Number(b.isLocal) ||
				leadingUnderscores(a.name) - leadingUnderscores(b.name) ||
				a.name.length - b.name.length,
		);
	return (
		best && {
			name: best.name,
			readable: demangle(best.name),
			start: best.start,
			size: best.size,
		}
	);
};

/** First index of a sorted list whose value isn't below. */
const lowerBound = (sorted: readonly number[], value: number): number => {
	let low = 0;
	let high = sorted.length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		if (sorted[middle]! < value) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}

	return low;
};

/** Adds to each wanted address the symbols of one part of the table that it lies in. */
const scanPart = (
	words: Uint32Array,
	wanted: readonly number[],
	candidates: Map<number, Candidate[]>,
): void => {
	const first = wanted[0]!;
	const last = wanted.at(-1)!;
	for (let at = 0; at + wordsPerSymbol <= words.length; at += wordsPerSymbol) {
		const start = words[at + 2]! + words[at + 3]! * 2 ** 32;
		const size = words[at + 4]! + words[at + 5]! * 2 ** 32;
		const info = words[at + 1]!;
		// Section 0: the symbol is another file's.
		if (start > last || start + size <= first || info >>> 16 === 0 || !placeTypes.has(info & 15)) {
			continue;
		}

		for (
			let index = lowerBound(wanted, start);
			index < wanted.length && wanted[index]! < start + size;
			index++
		) {
			const address = wanted[index]!;
			const known = candidates.get(address) ?? [];
			known.push({start, size, nameAt: words[at]!, isLocal: ((info >>> 4) & 15) === 0});
			candidates.set(address, known);
		}
	}
};

/** One pass over a table, part by part, so that whoever makes it decides when and by what means each part is read. */
export type SymbolScan = {
	/** Where the next part lies in the file; undefined when all were taken. */
	next(): {offset: number; length: number} | undefined;
	/** Goes over the part that `next` told, as 32-bit words. */
	take(part: Uint32Array): void;
	/** The symbols that were found; their names are read now. Addresses in none are missing. */
	finish(read: ReadBytes): ReadonlyMap<number, FoundSymbol>;
};

/**
Symbols that addresses lie in, with one pass over a table for all of them: about 20 ns a symbol, and nothing of the table is kept, which
costs less than sorting a large one for the few addresses that are ever asked for. Nearest below and only within its size.
*/
export const scanSymbols = (table: ElfSymbolTable, addresses: readonly number[]): SymbolScan => {
	const wanted = [...addresses].sort((a, b) => a - b);
	const candidates = new Map<number, Candidate[]>();
	const size = wanted.length === 0 || table.size > tableLimitBytes ? 0 : table.size;
	let at = 0;
	return {
		next: () =>
			at < size ? {offset: table.offset + at, length: Math.min(partBytes, size - at)} : undefined,
		take(part) {
			at += partBytes;
			scanPart(part, wanted, candidates);
		},
		finish(read) {
			const found = new Map<number, FoundSymbol>();
			for (const [address, each] of candidates) {
				const best = bestName(each, table, read);
				if (best) {
					found.set(address, best);
				}
			}

			return found;
		},
	};
};
