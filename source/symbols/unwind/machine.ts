/** Bytes of the program's memory, in which its tables of addresses lie too. */
export type ReadCode = (address: number, length: number) => Buffer | undefined;

/** What unwinding must know of an architecture; register numbers are DWARF's. */
export type UnwindMachine = {
	registers: number;
	stackPointer: number;
	framePointer: number;
	/** Whether the instruction in front of a return address calls a function; false as well where it calls through a register. */
	calls(returnAddress: number, functionStart: number, read: ReadCode): boolean;
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
	bare: address => address,
};

const branchWithLink = 0b10_0101;

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
	// Pointer authentication signs the bits above the address.
	bare: address => address % 2 ** 48,
};

/** By Node's name of the architecture, or uname's; undefined where stacks can't be unwound. */
export const unwindMachine = (architecture: string): UnwindMachine | undefined =>
	({x64, x86_64: x64, arm64, aarch64: arm64})[architecture];
