import {findMapping, type Mapping} from '../procfs/maps.js';
import type {ReadMemory} from '../procfs/memory.js';
import {demangle} from './demangle.js';
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
	/** Those as text: `pthread_cond_wait+0x1e8`, `libfoo.so+0x4711` where no symbol is known. */
	names(owner: StackOwner, addresses: readonly number[]): readonly string[];
};

type Frames = {table: FrameTable; rules: Map<number, FrameRule | null>};

/** Most stacks fit; what lies higher up is read when it's asked for. */
const windowBytes = 8192;
const rulesKept = 20_000;

/** Words of a stack: from one read where they lie near the stack pointer. */
const readWords = (
	{readMemory}: StackOwner,
	stackPointer: number,
	mapping: Mapping | undefined,
): ((address: number) => number | undefined) => {
	const end = Math.min(mapping?.end ?? 0, stackPointer + windowBytes);
	const window = end > stackPointer ? readMemory(stackPointer, end - stackPointer) : undefined;
	return address => {
		const at = address - stackPointer;
		const isInside = window && at >= 0 && at + 8 <= window.length;
		const bytes = isInside ? window : readMemory(address, 8);
		const from = isInside ? at : 0;
		return bytes ? bytes.readUInt32LE(from) + bytes.readUInt32LE(from + 4) * 2 ** 32 : undefined;
	};
};

export const createStackReader = (
	files: ProgramFiles,
	places: Places,
	architecture: string,
): StackReader => {
	const machine = unwindMachine(architecture);
	const frames = new WeakMap<ProgramFile, Frames>();

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
		const opened = files.open({pid, mapping});
		try {
			return opened && framesOf(file).table.ruleAt(opened.read, address);
		} finally {
			opened?.close();
		}
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

	const nameIn = (
		owner: StackOwner,
		{file, bias, mapping}: Place,
		address: number,
		lookedUp: number,
	): string => {
		const at = lookedUp - bias;
		const symbol = file.symbolsAt({pid: owner.pid, mapping}, [at]).get(at);
		return symbol
			? `${demangle(symbol.name)}+0x${(address - bias - symbol.start).toString(16)}`
			: `${file.name}+0x${(address - bias).toString(16)}`;
	};

	return {
		addresses(owner, stackPointer, programCounter) {
			if (!machine) {
				return [programCounter];
			}

			const stack = findMapping(owner.mappings, stackPointer);
			return walkStack(stackPointer, programCounter, {
				machine,
				readWord: readWords(owner, stackPointer, stack),
				readCode: (address, length) => owner.readMemory(address, length) ?? undefined,
				isCode: address => findMapping(owner.mappings, address)?.permissions[2] === 'x',
				ruleAt(address) {
					const place = placeOf(owner, address);
					const rule = place && ruleIn(owner, place, address - place.bias);
					return rule && {rule, bias: place.bias};
				},
			});
		},
		names(owner, addresses) {
			return addresses.map((address, index) => {
				// Of a caller the return address is known, which may be the next function's first.
				const lookedUp = index === 0 ? address : address - 1;
				const place = placeOf(owner, lookedUp);
				return place ? nameIn(owner, place, address, lookedUp) : `0x${address.toString(16)}`;
			});
		},
	};
};
