import {frameBytesOf, prologueBytes} from './x64-prologue.js';

/** Bytes of the program's memory, in which its tables of addresses lie too. */
export type ReadCode = (address: number, length: number) => Buffer | undefined;

/** What unwinding must know of an architecture; register numbers are DWARF's. */
export type UnwindMachine = {
	registers: number;
	stackPointer: number;
	framePointer: number;
	/** Whether the instruction in front of a return address calls a function; false as well where it calls through a register. */
	calls(returnAddress: number, functionStart: number, read: ReadCode): boolean;
	/** Whether the instruction in front of a return address calls anything. */
	followsCall(returnAddress: number, read: ReadCode): boolean;
	/**
	Bytes between the stack pointer where a function calls others and its frame's address, for one that keeps its frame pointer, from the
	instructions that it begins with; undefined where these don't tell.
	*/
	frameBytes(functionStart: number, read: ReadCode): number | undefined;
	/** An address without what the processor keeps in its upper bits. */
	bare(address: number): number;
};

/** `call rel32`. */
const nearCall = 0xe8;
/** `call *disp32(%rip)` and `jmp *disp32(%rip)`: through the table of addresses that the dynamic loader fills. */
const callThroughTable = 0x15ff;
const jumpThroughTable = 0x25ff;
const longestCall = 6;
const stubBytes = 16;

const readPointer = (read: ReadCode, address: number): number | undefined => {
	const bytes = read(address, 8);
	return bytes && Number(bytes.readBigUInt64LE(0));
};

/** Where a stub of the procedure linkage table jumps. */
const stubTarget = (read: ReadCode, stub: number): number | undefined => {
	const bytes = read(stub, stubBytes);
	for (let at = 0; bytes && at + longestCall <= bytes.length; at++) {
		if (bytes.readUInt16LE(at) === jumpThroughTable) {
			return readPointer(read, stub + at + longestCall + bytes.readInt32LE(at + 2));
		}
	}

	return undefined;
};

/** Length of `call *operand` by its ModRM byte, as that and what follows it tell; 0 where it is no such call. */
const indirectCallBytes = (modrm: number): number => {
	if ((modrm >> 3) % 8 !== 2) {
		return 0;
	}

	const mode = modrm >> 6;
	const hasScale = mode !== 3 && modrm % 8 === 4;
	const displacement = [modrm % 8 === 5 ? 4 : 0, 1, 4, 0][mode]!;
	return 2 + Number(hasScale) + displacement;
};

const longestIndirectCall = 7;
const indirect = 0xff;

const x64: UnwindMachine = {
	registers: 17,
	stackPointer: 7,
	framePointer: 6,
	calls(returnAddress, functionStart, read) {
		const instruction = read(returnAddress - longestCall, longestCall);
		if (!instruction) {
			return false;
		}

		const operand = returnAddress + instruction.readInt32LE(2);
		if (instruction.readUInt16LE(0) === callThroughTable) {
			return readPointer(read, operand) === functionStart;
		}

		return (
			instruction[1] === nearCall &&
			(operand === functionStart || stubTarget(read, operand) === functionStart)
		);
	},
	followsCall(returnAddress, read) {
		const code = read(returnAddress - longestIndirectCall, longestIndirectCall);
		if (!code) {
			return false;
		}

		const isIndirect = [2, 3, 4, 6, 7].some(
			length =>
				code[longestIndirectCall - length] === indirect &&
				indirectCallBytes(code[longestIndirectCall - length + 1]!) === length,
		);
		return isIndirect || code[longestIndirectCall - 5] === nearCall;
	},
	frameBytes(functionStart, read) {
		const code = read(functionStart, prologueBytes);
		return code && frameBytesOf(code);
	},
	bare: address => address,
};

const branchWithLink = 0b10_0101;
const branchToRegisterWithLink = 0xd63f_0000;

const arm64: UnwindMachine = {
	registers: 33,
	stackPointer: 31,
	framePointer: 29,
	calls(returnAddress, functionStart, read) {
		const word = read(returnAddress - 4, 4)?.readUInt32LE(0) ?? 0;
		// 26 bits with a sign, counted in instructions.
		const target = returnAddress - 4 + ((word << 6) >> 6) * 4;
		return word >>> 26 === branchWithLink && target === functionStart;
	},
	followsCall(returnAddress, read) {
		const word = read(returnAddress - 4, 4)?.readUInt32LE(0) ?? 0;
		return (
			word >>> 26 === branchWithLink || (word & 0xff_ff_fc_1f) >>> 0 === branchToRegisterWithLink
		);
	},
	// Its frames are told from the stack pointer.
	frameBytes: () => undefined,
	// Pointer authentication signs the bits above the address.
	bare: address => address % 2 ** 48,
};

/** By Node's name of the architecture, or uname's; undefined where stacks can't be unwound. */
export const unwindMachine = (architecture: string): UnwindMachine | undefined =>
	({x64, x86_64: x64, arm64, aarch64: arm64})[architecture];
