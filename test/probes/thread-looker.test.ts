import {expect, test} from 'vitest';
import type {WaitReader} from '../../source/observer/wait-reader.js';
import type {RuntimeStacks} from '../../source/probes/runtime-stacks.js';
import type {StackStore} from '../../source/probes/stack-store.js';
import {createThreadLooker} from '../../source/probes/thread-looker.js';
import {createThreadTally, type SeenStack} from '../../source/probes/thread-tally.js';
import {createSyscallLine, type SyscallLine} from '../../source/procfs/syscall.js';
import {createProcessEntry, createThreadEntry} from '../../source/sampler/task-entry.js';
import type {TaskFiles} from '../../source/sampler/task-files.js';

/** clock_nanosleep on x86-64. */
const asleep = {...createSyscallLine(), state: 'blocked', number: 230} as const;

/** A thread of a process with or without a language's frames, whose system call the test sets. */
const watched = ({hasFrames = false} = {}) => {
	const process = createProcessEntry(7);
	const tally = createThreadTally(createThreadEntry(process, 8), 0);
	const stacks = new Map<number, SeenStack>();
	let line: SyscallLine = asleep;
	let stacksRead = 0;
	const waits = {
		readSyscall: () => line,
		readWaitChannel: () => 'hrtimer_nanosleep',
		describe: () => ({kind: 'sleep', call: 'clock_nanosleep'}),
	} satisfies Partial<WaitReader>;
	const store = {
		read({stackPointer, programCounter}: SyscallLine) {
			stacksRead++;
			const stack = {addresses: [programCounter, stackPointer], names: undefined};
			stacks.set(stackPointer, stack);
			return stack;
		},
		idOf: ({addresses}: SeenStack) => addresses[1]!,
	} satisfies Partial<StackStore>;
	const runtimeStacks: RuntimeStacks = {
		isThere: hasFrames,
		tellsOfRunning: false,
		beginRound() {},
		read: () => undefined,
	};
	const looker = createThreadLooker({
		files: {path: () => '/nowhere'} as unknown as TaskFiles,
		architecture: 'x86_64',
		waits: waits as unknown as WaitReader,
		stacks: store as unknown as StackStore,
		runtimeStacks,
	});
	return {
		process,
		stacksRead: () => stacksRead,
		place(stackPointer: number, programCounter: number, withStack = false) {
			line = {...asleep, stackPointer, programCounter};
			return looker.place(tally, withStack);
		},
	};
};

test('a thread that comes back to the same instruction with the same stack pointer has the stack that was read there', () => {
	const {place, stacksRead} = watched();
	expect(place(0x7000, 0x10)?.stack).toBeUndefined();
	const known = place(0x7000, 0x10, true);
	expect(known?.stack).toBeDefined();
	expect(place(0x7000, 0x10)).toBe(known);
	expect(place(0x7000, 0x20)?.stack).toBeUndefined();
	expect(place(0x7100, 0x10)?.stack).toBeUndefined();
	expect(stacksRead()).toBe(1);
});

test('not after it runs another program, nor in an interpreter, whose lines have one stack', () => {
	const program = watched();
	program.place(0x7000, 0x10, true);
	program.process.generation++;
	expect(program.place(0x7000, 0x10)?.stack).toBeUndefined();
	const python = watched({hasFrames: true});
	python.place(0x7000, 0x10, true);
	expect(python.place(0x7000, 0x10)?.stack).toBeUndefined();
});
