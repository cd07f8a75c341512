import type {createAddressSpaces} from '../observer/address-spaces.js';
import type {SyscallLine} from '../procfs/syscall.js';
import type {ProcessEntry} from '../sampler/task-entry.js';
import type {StackOwner, StackReader} from '../symbols/stack-reader.js';
import type {SeenStack} from './thread-tally.js';

/** Stacks of one process: equal ones are one. */
export type StackStore = {
	/** The stack of a thread that sleeps as its system call's line says. */
	read(line: SyscallLine): SeenStack;
	/** The same number for the same stack. */
	idOf(stack: SeenStack): number;
	/** Looks up the symbols of those that have no names yet, all of one file at once. */
	name(): void;
	/** The process runs another program: addresses mean something else from now on. */
	forget(): void;
	/** Closes files that were opened to unwind. */
	release(): void;
};

/** More different stacks than a person can look at: the rest is told by its innermost function alone. */
const mostStacks = 20_000;

export const createStackStore = (
	process: ProcessEntry,
	spaces: ReturnType<typeof createAddressSpaces>,
	reader: StackReader,
): StackStore => {
	const ids = new Map<SeenStack, number>();
	let byText = new Map<string, SeenStack>();
	let unnamed: SeenStack[] = [];

	const owner = (): StackOwner => {
		const space = spaces.of(process);
		return {
			pid: process.pid,
			mappings: space.mappings() ?? [],
			readMemory: space.memory.read,
		};
	};

	const keep = (addresses: readonly number[]): SeenStack => {
		const kept = byText.size < mostStacks ? addresses : addresses.slice(0, 1);
		const text = kept.join(' ');
		let stack = byText.get(text);
		if (!stack) {
			stack = {addresses: kept, names: undefined};
			byText.set(text, stack);
			ids.set(stack, ids.size);
			unnamed.push(stack);
		}

		return stack;
	};

	return {
		read: ({stackPointer, programCounter}) => {
			const space = spaces.of(process);
			// Memory that was mapped since the maps were read is found here; the reader itself takes them as they are.
			space.mappingOf(programCounter);
			space.mappingOf(stackPointer);
			return keep(reader.addresses(owner(), stackPointer, programCounter));
		},
		idOf: stack => ids.get(stack) ?? -1,
		name() {
			if (unnamed.length === 0) {
				return;
			}

			const own = owner();
			// All at once: each search reads a file's whole symbol table.
			const callers = unnamed.flatMap(({addresses}) => addresses.slice(1));
			const innermost = unnamed.flatMap(({addresses}) => addresses.slice(0, 1));
			for (const address of new Set(innermost)) {
				reader.names(own, [address, ...callers.splice(0)], () => true);
			}

			for (const stack of unnamed) {
				stack.names = reader.names(own, stack.addresses, () => true).names;
			}

			unnamed = [];
			reader.release();
		},
		forget() {
			byText = new Map();
			unnamed = [];
		},
		release: reader.release,
	};
};
