import type {ElfSymbolTable} from './elf-file.js';
import {scanSymbolNames} from './elf-symbol.js';
import type {MappedFile} from './mapped-file.js';
import {type FoundSymbol, partBytes, scanSymbols, symbolsPerPart} from './symbol-scan.js';

/** Looks for symbols in the background, one file after the other; the files are read by other threads than ours. */
export type SymbolSearch = {
	/** Puts a file in the queue; `work` is called when its turn has come. */
	enqueue(work: SearchWork): void;
	/** Lets the search go on for another while. */
	proceed(): void;
};

/** Symbols that addresses of a file lie in, by its tables from the first on, each asked only for what those before it don't have. */
export type LookUp = (
	file: MappedFile,
	tables: readonly ElfSymbolTable[],
	addresses: readonly number[],
) => Promise<ReadonlyMap<number, FoundSymbol>>;

/** Addresses of symbols by their names, as in the file, by its tables from the first on; those that aren't there are missing. */
export type FindNames = (
	file: MappedFile,
	tables: readonly ElfSymbolTable[],
	names: readonly string[],
) => Promise<ReadonlyMap<string, number>>;

export type SearchWork = (lookUp: LookUp, findNames: FindNames) => Promise<void>;

/** Gone over from one `proceed` to the next: some ten milliseconds. A large program has 200,000. */
const symbolsPerWhile = 400_000;

/** `run` does each part of the work, to count what it takes. */
export const createSymbolSearch = (
	run: <Result>(work: () => Result) => Result = work => work(),
): SymbolSearch => {
	const part = new Uint32Array(partBytes / 4);
	const bytes = Buffer.from(part.buffer);
	const queue: SearchWork[] = [];
	let isRunning = false;
	let allowed = symbolsPerWhile;
	let wake: (() => void) | undefined;

	const turn = async (): Promise<void> => {
		if (allowed <= 0) {
			await new Promise<void>(resolve => {
				wake = resolve;
			});
		}

		allowed -= symbolsPerPart;
	};

	const lookUp: LookUp = async (file, tables, addresses) => {
		const found = new Map<number, FoundSymbol>();
		for (const table of tables) {
			const scan = scanSymbols(
				table,
				addresses.filter(address => !found.has(address)),
			);
			for (let next = scan.next(); next; next = scan.next()) {
				await turn();
				const length = await file.readLater(bytes, next.offset, next.length);
				if (length < next.length) {
					break;
				}

				run(() => scan.take(part.subarray(0, Math.floor(length / 4))));
			}

			for (const [address, symbol] of run(() => scan.finish(file.read))) {
				found.set(address, symbol);
			}
		}

		return found;
	};

	const findNames: FindNames = async (file, tables, names) => {
		const found = new Map<string, number>();
		for (const table of tables) {
			const scan = scanSymbolNames(
				table,
				names.filter(name => !found.has(name)),
			);
			for (let next = scan.next(); next; next = scan.next()) {
				await turn();
				const length = await file.readLater(bytes, next.offset, next.length);
				if (length < next.length) {
					break;
				}

				run(() => scan.take(bytes.subarray(0, length)));
			}

			for (const [name, address] of scan.found) {
				found.set(name, address);
			}
		}

		return found;
	};

	const runAll = async (): Promise<void> => {
		isRunning = true;
		for (let work = queue.shift(); work; work = queue.shift()) {
			await work(lookUp, findNames);
		}

		isRunning = false;
	};

	return {
		enqueue(work) {
			queue.push(work);
			if (!isRunning) {
				void runAll();
			}
		},
		proceed() {
			allowed = symbolsPerWhile;
			wake?.();
			wake = undefined;
		},
	};
};
