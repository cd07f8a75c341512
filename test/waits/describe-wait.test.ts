import {describe, expect, test} from 'vitest';
import {createSyscallLine, type SyscallLine} from '../../source/procfs/syscall.js';
import {describeWait, type WaitSource} from '../../source/waits/describe-wait.js';

const asleepIn = (number: number, registers: Partial<SyscallLine> = {}): SyscallLine => ({
	...createSyscallLine(),
	state: 'blocked',
	number,
	stackPointer: 0x7ffd00000000,
	programCounter: 0x7faa00000000,
	...registers,
});

const describeThread = (source: Partial<WaitSource>) =>
	describeWait({
		state: 'S',
		syscall: undefined,
		waitChannel: undefined,
		architecture: 'x64',
		...source,
	});

describe('state', () => {
	test('a thread that runs or wants to is running, whatever could be read of it', () => {
		expect(describeThread({state: 'R', syscall: null})).toEqual({kind: 'running'});
		expect(describeThread({state: 'S', syscall: createSyscallLine()})).toEqual({kind: 'running'});
	});

	test('a call seen after the state was read stands above it', () => {
		expect(describeThread({state: 'R', syscall: asleepIn(7, {a2: 50})})?.kind).toBe('poll');
	});

	test('a 32-bit program, whose calls have other numbers, is told by its wait channel alone', () => {
		// On i386, 168 is poll; on x86-64 it is swapoff.
		const syscall = asleepIn(168, {a2: 50, stackPointer: 0xffd0_1000, programCounter: 0xf7f0_1000});
		expect(describeThread({syscall, waitChannel: 'poll_schedule_timeout'})).toEqual({kind: 'poll'});
		expect(describeThread({syscall: {...syscall, number: 7}})).toEqual({kind: 'other'});
	});

	test('a stopped thread is stopped, whichever call it was stopped in', () => {
		const syscall = asleepIn(230);

		expect(describeThread({state: 'T', syscall})).toEqual({kind: 'stopped'});
		expect(describeThread({state: 't', syscall: null})).toEqual({kind: 'stopped'});
		expect(describeThread({syscall, waitChannel: 'do_freezer_trap'})).toEqual({kind: 'stopped'});
	});

	test('a zombie has exited', () => {
		expect(describeThread({state: 'Z', syscall: null})).toEqual({kind: 'exited'});
		expect(describeThread({syscall: {...createSyscallLine(), state: 'exited'}})).toEqual({
			kind: 'exited',
		});
	});

	test('a kernel thread asleep is idle, and waits for a disk or a lock only where its wait channel says so', () => {
		const kernel: Partial<WaitSource> = {
			kernelThread: true,
			syscall: asleepIn(0, {state: 'kernel', stackPointer: 0, programCounter: 0}),
		};

		expect(describeThread({...kernel, state: 'I'})).toEqual({kind: 'idle'});
		expect(describeThread({...kernel, state: 'S', waitChannel: 'kthreadd'})).toEqual({
			kind: 'idle',
		});
		expect(describeThread({...kernel, state: 'D', waitChannel: 'io_schedule'})).toEqual({
			kind: 'disk',
		});
		expect(describeThread({...kernel, state: 'D', waitChannel: 'rcu_gp_kthread'})).toEqual({
			kind: 'idle',
		});
		expect(describeThread({...kernel, state: 'R'})).toEqual({kind: 'running'});
	});
});

describe('what could not be seen', () => {
	test('refused stays refused', () => {
		expect(describeThread({syscall: null})).toBeNull();
		expect(describeThread({waitChannel: null})).toBeNull();
		expect(describeThread({state: 'D', syscall: null})).toBeNull();
	});

	test('neither collected nor there is undefined, never running', () => {
		expect(describeThread({})).toBeUndefined();
	});

	test('the wait channel stands in where the call is refused', () => {
		expect(describeThread({syscall: null, waitChannel: 'futex_wait_queue_me'})).toEqual({
			kind: 'futex',
		});
		expect(describeThread({syscall: null, waitChannel: 'ep_poll'})).toEqual({kind: 'epoll'});
		expect(describeThread({syscall: null, waitChannel: 'wait_woken'})).toEqual({kind: 'other'});
		expect(describeThread({state: 'D', syscall: null, waitChannel: 'do_renameat2'})).toEqual({
			kind: 'kernel-lock',
		});
	});

	test('a call that is not in the table, or of an unknown architecture, still has its wait channel', () => {
		expect(describeThread({syscall: asleepIn(9999), waitChannel: 'ep_poll'})).toEqual({
			kind: 'epoll',
		});
		expect(
			describeThread({
				syscall: asleepIn(202),
				waitChannel: 'futex_do_wait',
				architecture: 'riscv64',
			}),
		).toEqual({kind: 'futex'});
		expect(describeThread({syscall: asleepIn(9999)})).toEqual({kind: 'other'});
	});
});

describe('futex', () => {
	const mutex = {a0: 0x5000, a1: 0x80, a2: 2};

	test('a private wait for the value 2 without a limit is a lock', () => {
		expect(describeThread({syscall: asleepIn(202, mutex), region: '[heap]'})).toEqual({
			kind: 'lock',
			call: 'futex',
			timed: false,
			futexOperation: 'WAIT',
			futexAddress: '0x5000',
			futexValue: 2,
			region: '[heap]',
		});
	});

	test('arm64 has its own number for it', () => {
		expect(describeThread({syscall: asleepIn(98, mutex), architecture: 'arm64'})?.kind).toBe(
			'lock',
		);
	});

	test('a barrier, a word in the waiter’s own frame, and a timed wait may be something else', () => {
		for (const registers of [
			{...mutex, a0: 0x5004},
			{...mutex, a0: 0x7ffd00000100},
			{...mutex, a3: 0x7000},
			{...mutex, a1: 0x89},
			{...mutex, a2: 1},
		]) {
			expect(describeThread({syscall: asleepIn(202, registers)})?.kind).toBe('futex');
		}
	});

	test('priority inheritance, robust and musl’s locks are proven by their operation or their top bit', () => {
		for (const registers of [
			{a0: 0x5000, a1: 0x86},
			{a0: 0x5000, a1: 0x8d},
			{a0: 0x5000, a1: 0, a2: -2_147_456_708},
			{a0: 0x5004, a1: 0x80, a2: 0x80000010},
		]) {
			expect(describeThread({syscall: asleepIn(202, registers)})?.kind).toBe('lock');
		}
	});

	test('semaphores of musl are no locks', () => {
		for (const a2 of [-1, 0x80000000, 0xffffffff]) {
			expect(describeThread({syscall: asleepIn(202, {a0: 0x5000, a1: 0x80, a2})})?.kind).toBe(
				'futex',
			);
		}
	});

	test('a wait for a thread’s id that is not private is a join', () => {
		const syscall = asleepIn(202, {a0: 0x7f0000000990, a1: 0x109, a2: 4711});

		expect(describeThread({syscall})?.kind).toBe('join');
		expect(describeThread({syscall, isThreadId: tid => tid === 4711})?.kind).toBe('join');
		expect(describeThread({syscall, isThreadId: () => false})?.kind).toBe('futex');
	});

	test('a count of std::latch among a program’s variables is no join, though a thread has that number as its id', () => {
		const syscall = asleepIn(202, {a0: 0x55e199c310a0, a1: 0, a2: 6});
		const isThreadId = (tid: number) => tid === 6;
		expect(describeThread({syscall, isThreadId, region: 'shop'})?.kind).toBe('futex');
		expect(describeThread({syscall, isThreadId, region: '[heap]'})?.kind).toBe('futex');
		expect(describeThread({syscall, isThreadId, region: 'anonymous'})?.kind).toBe('join');
	});

	test('a lock that processes share is not the join of thread 2', () => {
		const syscall = asleepIn(202, {a0: 0x5000, a1: 0, a2: 2});

		expect(describeThread({syscall})?.kind).toBe('lock');
		expect(describeThread({syscall, isThreadId: tid => tid === 2})?.kind).toBe('lock');
	});

	test('a limit that was read is given, one that was refused is not made up', () => {
		const syscall = asleepIn(202, {a0: 0x5000, a1: 0x189, a3: 0x7000});

		expect(describeThread({syscall, timeoutMilliseconds: 4.9})).toMatchObject({
			timed: true,
			timeoutMilliseconds: 4.9,
		});
		expect(describeThread({syscall, timeoutMilliseconds: null})).not.toHaveProperty(
			'timeoutMilliseconds',
		);
	});
});

describe('calls', () => {
	test('a poll carries its limit without anything having been read', () => {
		expect(describeThread({syscall: asleepIn(7, {a2: 50})})).toEqual({
			kind: 'poll',
			call: 'poll',
			timed: true,
			timeoutMilliseconds: 50,
		});
	});

	test('an epoll names its descriptor', () => {
		expect(describeThread({syscall: asleepIn(232, {a0: 5, a3: -1})})).toEqual({
			kind: 'epoll',
			call: 'epoll_wait',
			timed: false,
			fd: 5,
		});
	});

	test('a wait for semaphores of System V names their set', () => {
		expect(describeThread({syscall: asleepIn(65, {a0: 32_768, a2: 1})})).toEqual({
			kind: 'other',
			call: 'semop',
			target: 'System V semaphores 32768',
		});
	});

	test('a read waits for what its wait channel or its descriptor says', () => {
		const syscall = asleepIn(0, {a0: 3});

		expect(describeThread({syscall, waitChannel: 'anon_pipe_read'})).toEqual({
			kind: 'pipe',
			call: 'read',
			fd: 3,
		});
		expect(describeThread({syscall, waitChannel: 'wait_woken'})?.kind).toBe('other');
		expect(
			describeThread({syscall, waitChannel: 'wait_woken', descriptor: 'socket:[4711]'})?.kind,
		).toBe('socket');
		expect(describeThread({syscall, descriptor: '/dev/pts/3'})?.kind).toBe('terminal');
		expect(describeThread({syscall, descriptor: 'pipe:[1]'})?.kind).toBe('pipe');
		expect(describeThread({syscall, descriptor: '/dev/pts/../x'})?.kind).toBe('other');
	});

	test('fcntl waits for a file lock only with the commands that wait', () => {
		expect(describeThread({syscall: asleepIn(72, {a0: 14, a1: 7})})?.kind).toBe('file-lock');
		expect(describeThread({syscall: asleepIn(72, {a0: 14, a1: 38})})?.kind).toBe('file-lock');
		expect(describeThread({syscall: asleepIn(72, {a0: 14, a1: 6})})?.kind).toBe('other');
	});

	test('uninterruptible sleep is a disk or a lock of the kernel by its wait channel', () => {
		const write = asleepIn(1, {a0: 4});

		expect(
			describeThread({state: 'D', syscall: write, waitChannel: 'folio_wait_bit_common'})?.kind,
		).toBe('disk');
		expect(
			describeThread({state: 'D', syscall: write, waitChannel: 'ext4_buffered_write_iter'})?.kind,
		).toBe('kernel-lock');
		expect(describeThread({state: 'D', syscall: asleepIn(11)})?.kind).toBe('kernel-lock');
		expect(describeThread({state: 'D', syscall: asleepIn(74, {a0: 4})})?.kind).toBe('disk');
		expect(describeThread({state: 'D', syscall: write})?.kind).toBe('other');
	});

	test('the parent of a vfork child waits for it, though uninterruptibly', () => {
		expect(
			describeThread({state: 'D', syscall: asleepIn(58), waitChannel: 'kernel_clone'})?.kind,
		).toBe('child');
	});

	test('outside any call it waits for a page, or for the lock of the address space', () => {
		expect(describeThread({syscall: asleepIn(-1), waitChannel: 'handle_userfault'})).toEqual({
			kind: 'page-fault',
		});
		expect(
			describeThread({state: 'D', syscall: asleepIn(-1), waitChannel: 'lock_mm_and_find_vma'}),
		).toEqual({kind: 'kernel-lock'});
		expect(describeThread({state: 'D', syscall: asleepIn(-1)})).toEqual({kind: 'page-fault'});
	});

	test('a call that continues after a stop is named after the one that was stopped', () => {
		const sleep = asleepIn(219, {a0: 1, a2: 0x7000});
		const raw = asleepIn(219, {a0: 0x7000});
		const wait = asleepIn(219, {a0: 0x5000, a1: 0x89, a3: 0x7000});

		expect(describeThread({syscall: sleep, waitChannel: 'do_syscall_64'})).toMatchObject({
			kind: 'sleep',
			call: 'clock_nanosleep',
			timed: true,
		});
		expect(describeThread({syscall: raw, waitChannel: 'hrtimer_nanosleep'})?.call).toBe(
			'nanosleep',
		);
		expect(
			describeThread({
				syscall: asleepIn(219, {a2: 50}),
				waitChannel: 'poll_schedule_timeout.constprop.0',
			}),
		).toEqual({kind: 'poll', call: 'poll', timed: true, timeoutMilliseconds: 50});
		expect(describeThread({syscall: wait, waitChannel: 'futex_do_wait'})).toMatchObject({
			call: 'futex',
			futexAddress: '0x5000',
		});
		expect(describeThread({syscall: sleep})).toEqual({kind: 'other', call: 'restart_syscall'});
	});
});
