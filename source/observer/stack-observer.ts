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
};

/** Of a crowd that waits for one lock a few stacks tell all. */
export const stacksPerLock = 4;

type Known = {
	entry: ThreadEntry;
	/** Time slices that the thread had had: while it gets no other, its stack stays as it is. */
	slices: number;
	addresses: readonly number[];
	isNamed: boolean;
};

export const createStackObserver = (
	reader: StackReader,
	spaces: AddressSpaces,
	waits: WaitReader,
	unwinding: WorkBudget,
): StackObserver => {
	const known = new Map<ThreadEntry, Known>();
	const before = createSyscallLine();

	const ownerOf = (process: ProcessEntry): StackOwner => {
		const space = spaces.of(process);
		return {
			pid: process.pid,
			mappings: space.mappings() ?? [],
			readMemory: space.memory.read,
		};
	};

	/** Undefined when the thread runs, or ran while its stack was read. */
	const readAddresses = (entry: ThreadEntry): readonly number[] | undefined => {
		const line = waits.readSyscall(entry);
		if (line?.state !== 'blocked') {
			return undefined;
		}

		Object.assign(before, line);
		const addresses = reader.addresses(
			ownerOf(entry.process),
			before.stackPointer,
			before.programCounter,
		);
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

	const name = (each: Known): void => {
		const {names, isComplete} = reader.names(ownerOf(each.entry.process), each.addresses);
		each.isNamed = isComplete;
		setStack(each.entry, names);
	};

	const updateOne = (entry: ThreadEntry): void => {
		const last = known.get(entry);
		if (last?.slices === entry.slices) {
			if (!last.isNamed && unwinding.mayBegin()) {
				unwinding.spend(() => name(last));
			}

			return;
		}

		if (!unwinding.mayBegin()) {
			return;
		}

		const addresses = unwinding.spend(() => readAddresses(entry));
		if (!addresses) {
			return;
		}

		const each = {entry, slices: entry.slices, addresses, isNamed: false};
		known.set(entry, each);
		name(each);
	};

	return {
		update(wanted) {
			for (const entry of wanted) {
				if (!entry.dead && !entry.process.kernelThread && !entry.process.waitsRefused) {
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
