import {findMapping, type Mapping} from '../procfs/maps.js';
import type {ReadMemory} from '../procfs/memory.js';
import type {MappedFile} from './mapped-file.js';
import type {Place, Places} from './places.js';
import type {ProgramFile, ProgramFiles} from './program-file.js';
import type {FrameRule} from './unwind/frame-rule.js';
import {createFrameTable, type FrameTable} from './unwind/frame-table.js';
import {unwindMachine} from './unwind/machine.js';
import {walkStack} from './unwind/walk-stack.js';

/** A process whose threads' stacks are read. */
export type StackOwner = {
	pid: number;
	mappings: readonly Mapping[];
	readMemory: ReadMemory;
};

/** Reads the stacks of threads that sleep in the kernel, without stopping them. */
export type StackReader = {
	/** Addresses of the functions, innermost first; from the two registers that the kernel tells. */
	addresses(owner: StackOwner, stackPointer: number, programCounter: number): readonly number[];
	/**
	Those as text: `pthread_cond_wait+0x1e8`, or `libfoo.so+0x4711` where no symbol is known. `isComplete`: all symbols were looked up;
	those that weren't are looked for in the background now.
	*/
	names(
		owner: StackOwner,
		addresses: readonly number[],
	): {names: readonly string[]; isComplete: boolean};
	/** Closes the files that were opened for frames; to be called when a round of stacks is done. */
	release(): void;
};

type Frames = {table: FrameTable; rules: Map<number, FrameRule | null>};

/** Most stacks need no more at first; where one does, it is read in larger parts, and next time all at once. */
const firstWindowBytes = 2048;
const windowBytes = 8192;
const largestFirstWindowBytes = 32_768;
/** Memory is read by pages, so that what lies in front of a word in its page costs nothing. */
const pageBytes = 4096;
const rulesKept = 20_000;

/** How far above their stack pointers threads were read, by the mapping that is their stack. */
type Reaches = WeakMap<Mapping, number>;

/** Words of a stack: from one read where they lie near the stack pointer, or lay as far from it the last time. */
const readWords = (
	{readMemory}: StackOwner,
	stackPointer: number,
	mapping: Mapping | undefined,
	reaches: Reaches,
): {readWord: (address: number) => number | undefined; finish: () => void} => {
	const end = mapping?.end ?? 0;
	const known = (mapping && reaches.get(mapping)) ?? firstWindowBytes;
	let start = stackPointer;
	let window = readMemory(start, Math.min(end - start, known));
	let reach = 0;

	const moveTo = (address: number): void => {
		// Registers that a function saved lie below its return address, which may be asked for first.
		start = Math.max(address - (address % pageBytes), Math.min(address, stackPointer));
		window = readMemory(start, Math.min(end - start, windowBytes));
		if (!window) {
			start = address;
			window = readMemory(start, 8);
		}
	};

	return {
		readWord(address) {
			if (window && (address < start || address + 8 > start + window.length)) {
				moveTo(address);
			}

			reach = Math.max(reach, address + 8 - stackPointer);
			const at = address - start;
			return window ? window.readUInt32LE(at) + window.readUInt32LE(at + 4) * 2 ** 32 : undefined;
		},
		finish() {
			if (mapping && reach > 0) {
				reaches.set(mapping, Math.min(reach, largestFirstWindowBytes));
			}
		},
	};
};

export const createStackReader = (
	files: ProgramFiles,
	places: Places,
	architecture: string,
): StackReader => {
	const machine = unwindMachine(architecture);
	const frames = new WeakMap<ProgramFile, Frames>();
	const open = new Map<ProgramFile, MappedFile>();
	const reaches: Reaches = new WeakMap();

	const framesOf = (file: ProgramFile): Frames => {
		let known = frames.get(file);
		if (!known) {
			known = {table: createFrameTable(file.elf), rules: new Map()};
			frames.set(file, known);
		}

		return known;
	};

	const readRule = (
		{pid}: StackOwner,
		{mapping, file}: Place,
		address: number,
	): FrameRule | undefined => {
		let opened = open.get(file);
		if (!opened) {
			opened = files.open({pid, mapping});
			if (opened) {
				open.set(file, opened);
			}
		}

		return opened && framesOf(file).table.ruleAt(opened.read, address);
	};

	const ruleIn = (owner: StackOwner, place: Place, address: number): FrameRule | undefined => {
		const {rules} = framesOf(place.file);
		let rule = rules.get(address);
		if (rule === undefined) {
			rule = readRule(owner, place, address) ?? null;
			if (rules.size >= rulesKept) {
				rules.clear();
			}

			rules.set(address, rule);
		}

		return rule ?? undefined;
	};

	const placeOf = ({pid, mappings}: StackOwner, address: number): Place | undefined => {
		const mapping = findMapping(mappings, address);
		return mapping && places.of(pid, mappings, mapping);
	};

	/** Where each frame's function lies; of a caller the return address is known, which may be the next function's first. */
	const placesOf = (owner: StackOwner, addresses: readonly number[]) =>
		addresses.map((address, index) => {
			const lookedUp = index === 0 ? address : address - 1;
			const place = placeOf(owner, lookedUp);
			return {address, place, at: lookedUp - (place?.bias ?? 0)};
		});

	type Located = ReturnType<typeof placesOf>[number];

	/** Asks for the symbol if it wasn't looked for yet; whether it was. */
	const isLookedUp = ({pid}: StackOwner, {place, at}: Located): boolean => {
		if (!place || place.file.symbolAt(at) !== undefined) {
			return true;
		}

		place.file.ask({pid, mapping: place.mapping}, at);
		return false;
	};

	const nameOf = ({address, place, at}: Located): string => {
		if (!place) {
			return `0x${address.toString(16)}`;
		}

		const symbol = place.file.symbolAt(at);
		return symbol
			? `${symbol.readable}+0x${(address - place.bias - symbol.start).toString(16)}`
			: `${place.file.name}+0x${(address - place.bias).toString(16)}`;
	};

	return {
		addresses(owner, stackPointer, programCounter) {
			if (!machine) {
				return [programCounter];
			}

			const stack = findMapping(owner.mappings, stackPointer);
			const {readWord, finish} = readWords(owner, stackPointer, stack, reaches);
			const addresses = walkStack(stackPointer, programCounter, {
				machine,
				readWord,
				readCode: (address, length) => owner.readMemory(address, length) ?? undefined,
				isCode: address => findMapping(owner.mappings, address)?.permissions[2] === 'x',
				ruleAt(address) {
					const place = placeOf(owner, address);
					const rule = place && ruleIn(owner, place, address - place.bias);
					return rule && {rule, bias: place.bias};
				},
			});
			finish();
			return addresses;
		},
		names(owner, addresses) {
			const located = placesOf(owner, addresses);
			const unknown = located.filter(each => !isLookedUp(owner, each));
			return {names: located.map(nameOf), isComplete: unknown.length === 0};
		},
		release() {
			for (const file of open.values()) {
				file.close();
			}

			open.clear();
		},
	};
};
