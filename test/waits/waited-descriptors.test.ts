import {expect, test} from 'vitest';
import {createSyscallLine, type SyscallLine} from '../../source/procfs/syscall.js';
import {waitedChild, waitedDescriptors} from '../../source/waits/waited-descriptors.js';

const line = (registers: Partial<SyscallLine>): SyscallLine => ({
	...createSyscallLine(),
	state: 'blocked',
	...registers,
});

const memory = (at: number, bytes: Buffer) => (address: number, length: number) =>
	address >= at && address + length <= at + bytes.length
		? bytes.subarray(address - at, address - at + length)
		: undefined;

test('poll waits on the descriptors of its array, but on none below zero', () => {
	const array = Buffer.alloc(24);
	for (const [index, fd] of [5, -1, 9].entries()) {
		array.writeInt32LE(fd, index * 8);
	}

	const poll = line({a0: 0x1000, a1: 3});
	expect(waitedDescriptors('poll', poll, memory(0x1000, array))).toEqual([5, 9]);
	expect(waitedDescriptors('poll', poll, () => null)).toEqual([]);
	expect(waitedDescriptors('poll', line({a0: 0x1000, a1: 0}), memory(0x1000, array))).toEqual([]);
});

test('select waits on the bits of its sets', () => {
	const sets = Buffer.from([0b1000_1000, 0b10, 0b0001_0000, 0]);
	const select = line({a0: 16, a1: 0x1000, a2: 0x1002, a3: 0});
	expect(waitedDescriptors('select', select, memory(0x1000, sets))).toEqual([3, 4, 7, 9]);
});

test('other calls name theirs, or none', () => {
	expect(waitedDescriptors('read', line({a0: 7}), () => undefined)).toEqual([7]);
	expect(waitedDescriptors('read', line({a0: -1}), () => undefined)).toEqual([]);
	expect(waitedDescriptors('nanosleep', line({a0: 7}), () => undefined)).toEqual([]);
});

test.each([
	['wait4', 4711, 0, 4711],
	['wait4', 0xffff_ffff, 0, undefined],
	['wait4', 0, 0, undefined],
	['waitid', 1, 4711, 4711],
	['waitid', 0, 4711, undefined],
	['read', 4711, 0, undefined],
])('%s(%i, %i) waits for the child %s', (call, a0, a1, child) => {
	expect(waitedChild(call, {a0, a1})).toBe(child);
});
