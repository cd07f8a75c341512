import {expect, test} from 'vitest';
import type {FrameRule, Location} from '../../../source/symbols/unwind/frame-rule.js';
import {unwindMachine} from '../../../source/symbols/unwind/machine.js';
import {type StackSource, walkStack} from '../../../source/symbols/unwind/walk-stack.js';

const stackStart = 0x7000;
const [stackPointer, returnAddress, framePointer] = [7, 16, 6];

const rule = (
	functionStart: number,
	register: number,
	offset: number,
	registers: readonly (readonly [number, Location])[] = [],
): FrameRule => ({
	functionStart,
	frameAddress: {kind: 'register', register, offset},
	returnRegister: returnAddress,
	registers: [[returnAddress, {kind: 'offset', offset: -8}], ...registers],
	isSignalFrame: false,
});

/** A program of three functions at 0x1000, 0x2000 and 0x3000; its code is what calls whom. */
const source = (
	rules: readonly FrameRule[],
	stack: readonly number[],
	changes: Partial<StackSource> = {},
): StackSource => ({
	machine: unwindMachine('x64')!,
	readWord: address => stack[(address - stackStart) / 8],
	readCode: () => undefined,
	isCode: address => address >= 0x1000 && address < 0x4000,
	ruleAt(address) {
		const found = rules.find(({functionStart}) => address >> 12 === functionStart >> 12);
		return found && {rule: found, bias: 0};
	},
	...changes,
});

const end: FrameRule = {
	...rule(0x3000, stackPointer, 8),
	registers: [[returnAddress, {kind: 'undefined'}]],
};

test('frames that lie at the stack pointer', () => {
	const rules = [rule(0x1000, stackPointer, 8), rule(0x2000, stackPointer, 24), end];
	const stack = [0x2010, 1, 2, 0x3010];
	expect(walkStack(stackStart, 0x1004, source(rules, stack))).toEqual([0x1004, 0x2010, 0x3010]);
});

test('a frame by the frame pointer that an inner one saved', () => {
	const rules = [
		rule(0x1000, stackPointer, 16, [[framePointer, {kind: 'offset', offset: -16}]]),
		rule(0x2000, framePointer, 16),
		end,
	];
	// The saved frame pointer leads over two words of the middle function's own.
	const stack = [stackStart + 32, 0x2010, 1, 2, 0, 0x3010];
	expect(walkStack(stackStart, 0x1004, source(rules, stack))).toEqual([0x1004, 0x2010, 0x3010]);
});

test('a lost frame pointer is replaced by the call of this very function, and by no other', () => {
	const rules = [rule(0x1000, framePointer, 16), end];
	const stack = [0x2010, 0x3010, 0x3020];
	/** Behind 0x3020 is a call of 0x1000; the words before only look like return addresses. */
	const readCode = (address: number, length: number) => {
		const call = Buffer.from([0x90, 0xe8, 0, 0, 0, 0]);
		call.writeInt32LE((address + 6 === 0x3020 ? 0x1000 : 0x2000) - (address + 6), 2);
		return length === 6 ? call : undefined;
	};
	expect(walkStack(stackStart, 0x1004, source(rules, stack, {readCode}))).toEqual([0x1004, 0x3020]);
	expect(walkStack(stackStart, 0x1004, source(rules, stack))).toEqual([0x1004]);
});

test('a call through the table of addresses counts too', () => {
	const rules = [rule(0x1000, framePointer, 16), end];
	const readCode = (address: number) => {
		const bytes = Buffer.alloc(8);
		if (address === 0x5000) {
			bytes.writeUInt32LE(0x1000, 0);
		} else {
			bytes.writeUInt16LE(0x15ff, 0);
			bytes.writeInt32LE(0x5000 - (address + 6), 2);
		}

		return bytes;
	};
	expect(walkStack(stackStart, 0x1004, source(rules, [7, 0x3010], {readCode}))).toEqual([
		0x1004, 0x3010,
	]);
});

test('it ends where the next address is no code, where memory ends, and where a frame would not rise', () => {
	const rules = [rule(0x1000, stackPointer, 8), rule(0x2000, stackPointer, 0)];
	expect(walkStack(stackStart, 0x1004, source(rules, [0x9999]))).toEqual([0x1004]);
	expect(walkStack(stackStart, 0x1004, source(rules, []))).toEqual([0x1004]);
	expect(walkStack(stackStart, 0x1004, source(rules, [0x2010])).length).toBeLessThan(5);
});

test('code without a description is followed by its frame pointers', () => {
	const rules = [rule(0x1000, stackPointer, 16, [[framePointer, {kind: 'offset', offset: -16}]])];
	const stack = [stackStart + 24, 0x2010, 5, stackStart + 48, 0x3010, 6, 0, 0];
	expect(walkStack(stackStart, 0x1004, source(rules, stack))).toEqual([0x1004, 0x2010, 0x3010]);
});

test('endless stacks end', () => {
	const rules = [rule(0x1000, stackPointer, 8)];
	expect(walkStack(stackStart, 0x1004, source(rules, new Array(5000).fill(0x1010)))).toHaveLength(
		256,
	);
});

test('on arm64 calls are told by their branch, and signed addresses lose their signature', () => {
	const machine = unwindMachine('arm64')!;
	const branch = (delta: number) => () => {
		const bytes = Buffer.alloc(4);
		bytes.writeUInt32LE((0x9400_0000 | ((delta / 4) & 0x3ff_ffff)) >>> 0);
		return bytes;
	};
	expect(machine.calls(0x2004, 0x3000, branch(0x1000))).toBe(true);
	expect(machine.calls(0x2004, 0x1000, branch(-0x1000))).toBe(true);
	expect(machine.calls(0x2004, 0x1004, branch(-0x1000))).toBe(false);
	expect(machine.bare(0x0012_ffff_1234_5678)).toBe(0xffff_1234_5678);
});

test('a lost frame pointer of a function that is called through a register is replaced by what the function takes of the stack', () => {
	const rules = [rule(0x1000, framePointer, 16), end];
	// endbr64; push %rbp; mov %rsp,%rbp; push %r14; mov %edi,%ebx; push %rbx; sub $0x10,%rsp; ret
	const begin = Buffer.from('f30f1efa554889e5415689fb534883ec10c3'.padEnd(128, '0'), 'hex');
	const callOfRegister = Buffer.from('909090909041ffd6', 'hex');
	const readCode = (address: number, length: number) => {
		if (address === 0x1000) {
			return begin.subarray(0, length);
		}

		return address + length === 0x3010 ? callOfRegister.subarray(-length) : Buffer.alloc(length);
	};
	// Its own 16 bytes, two registers, the frame pointer; what lies before only looks like a return address.
	const stack = [0x3010, 0x2010, 1, 2, 3, 0x3010];
	expect(walkStack(stackStart, 0x1004, source(rules, stack, {readCode}))).toEqual([0x1004, 0x3010]);
	// Where no call is in front of it, it is no return address.
	const elsewhere = stack.with(5, 0x3018);
	expect(walkStack(stackStart, 0x1004, source(rules, elsewhere, {readCode}))).toEqual([0x1004]);
});

test.each([
	['ffd0', true],
	['41ffd4', true],
	['ff5008', true],
	['41ff542408', true],
	['ff1500100000', true],
	['ff9080000000', true],
	['e800000000', true],
	['ffe0', false],
	['ff30', false],
	['0fafc0', false],
])('whether %s calls', (instruction, calls) => {
	const code = Buffer.from(instruction.padStart(14, '0'), 'hex');
	expect(unwindMachine('x64')!.followsCall(0x2000, () => code)).toBe(calls);
});
