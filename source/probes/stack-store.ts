import type {AddressSpaces} from '../observer/address-spaces.js';
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
	/** Takes the symbols that were found in the background, and asks for those that weren't looked for; whether there are any left. */
	name(): boolean;
	/** The process runs another program: addresses mean something else from now on. */
	forget(): void;
	/** Closes files that were opened to unwind. */
	release(): void;
};

/** More different stacks than a person can look at: the rest is told by its innermost function alone. */
const mostStacks = 20_000;

export const createStackStore = (
	process: ProcessEntry,
	spaces: AddressSpaces,
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
		read({stackPointer, programCounter}) {
			const space = spaces.of(process);
			// Memory that was mapped since the maps were read is found here; the reader itself takes them as they are.
			space.mappingOf(programCounter);
			space.mappingOf(stackPointer);
			return keep(reader.addresses(owner(), stackPointer, programCounter));
		},
		idOf: stack => ids.get(stack) ?? -1,
		name() {
			const own = owner();
			unnamed = unnamed.filter(stack => {
				const {names, isComplete} = reader.names(own, stack.addresses);
				stack.names = names;
				return !isComplete;
			});
			return unnamed.length > 0;
		},
		forget() {
			byText = new Map();
			unnamed = [];
		},
		release: reader.release,
	};
};
