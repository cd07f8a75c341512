import type {Mapping} from '../procfs/maps.js';
import {createSyscallLine} from '../procfs/syscall.js';
import type {ProcessEntry, ThreadEntry} from '../sampler/task-entry.js';
import type {StackOwner, StackReader} from '../symbols/stack-reader.js';
import type {AddressSpaces} from './address-spaces.js';
import type {WaitReader} from './wait-reader.js';
import type {WorkBudget} from './work-budget.js';

/** Reads the stacks of some threads, as far as the time of a tick allows. */
export type StackObserver = {
	/** Those that matter most come first; of the others that had a stack it is taken away once they have run. */
	update(wanted: Iterable<ThreadEntry>): void;
	/** Between two ticks: reads the one of a thread that sleeps, to be kept until the next update. */
	read(entry: ThreadEntry): void;
};

/** Of a crowd that waits for one lock a few stacks tell all. */
export const stacksPerLock = 4;

/** Threads of a pool sleep at the same place: one for all of them. */
type SharedStack = {
	addresses: readonly number[];
	/** As far as they are known. */
	names: readonly string[];
	isNamed: boolean;
};

type Known = {
	entry: ThreadEntry;
	/** Time slices that the thread had had: while it gets no other, its stack stays as it is. */
	slices: number;
	stack: SharedStack;
};

/** Of a process, before those are forgotten that may be nobody's any more. */
const stacksKept = 500;

export const createStackObserver = (
	reader: StackReader,
	spaces: AddressSpaces,
	waits: WaitReader,
	unwinding: WorkBudget,
): StackObserver => {
	const known = new Map<ThreadEntry, Known>();
	const before = createSyscallLine();
	/** By the mappings of a process, which are others once an address may be something else. */
	const shared = new WeakMap<readonly Mapping[], Map<string, SharedStack>>();

	const ownerOf = (process: ProcessEntry): StackOwner => {
		const space = spaces.of(process);
		return {
			pid: process.pid,
			mappings: space.mappings() ?? [],
			readMemory: space.memory.read,
		};
	};

	/** Undefined when the thread runs, or ran while its stack was read. */
	const readAddresses = (entry: ThreadEntry, owner: StackOwner): readonly number[] | undefined => {
		const line = waits.readSyscall(entry);
		if (line?.state !== 'blocked') {
			return undefined;
		}

		Object.assign(before, line);
		const addresses = reader.addresses(owner, before.stackPointer, before.programCounter);
		const after = waits.readSyscall(entry);
		return after?.stackPointer === before.stackPointer &&
			after.programCounter === before.programCounter &&
			after.number === before.number
			? addresses
			: undefined;
	};

	const setStack = (entry: ThreadEntry, stack: readonly string[] | undefined): void => {
		if (entry.stack !== stack) {
			entry.stack = stack;
			entry.dirty = true;
			entry.process.dirty = true;
		}
	};

	const stackAt = (mappings: readonly Mapping[], addresses: readonly number[]): SharedStack => {
		let ofProcess = shared.get(mappings);
		if (!ofProcess || ofProcess.size >= stacksKept) {
			ofProcess = new Map();
			shared.set(mappings, ofProcess);
		}

		const key = addresses.join(' ');
		let stack = ofProcess.get(key);
		if (!stack) {
			stack = {addresses, names: [], isNamed: false};
			ofProcess.set(key, stack);
		}

		return stack;
	};

	const show = ({entry, stack}: Known): void => {
		if (!stack.isNamed) {
			const {names, isComplete} = reader.names(ownerOf(entry.process), stack.addresses);
			stack.names = names;
			stack.isNamed = isComplete;
		}

		setStack(entry, stack.names);
	};

	const updateOne = (entry: ThreadEntry): void => {
		const last = known.get(entry);
		if (last?.slices === entry.slices) {
			if (last.stack.isNamed) {
				setStack(entry, last.stack.names);
			} else if (unwinding.mayBegin()) {
				unwinding.spend(() => show(last));
			}

			return;
		}

		if (!unwinding.mayBegin()) {
			return;
		}

		unwinding.spend(() => {
			const owner = ownerOf(entry.process);
			const addresses = readAddresses(entry, owner);
			if (addresses) {
				const each = {entry, slices: entry.slices, stack: stackAt(owner.mappings, addresses)};
				known.set(entry, each);
				show(each);
			}
		});
	};

	const mayRead = ({dead, process: {kernelThread, waitsRefused}}: ThreadEntry): boolean =>
		!dead && !kernelThread && !waitsRefused;

	return {
		read(entry) {
			if (mayRead(entry)) {
				updateOne(entry);
				reader.release();
			}
		},
		update(wanted) {
			for (const entry of wanted) {
				if (mayRead(entry)) {
					updateOne(entry);
				}
			}

			reader.release();
			for (const each of known.values()) {
				const {entry, slices} = each;
				if (entry.dead || slices !== entry.slices) {
					setStack(entry, undefined);
					known.delete(entry);
				}
			}
		},
	};
};
