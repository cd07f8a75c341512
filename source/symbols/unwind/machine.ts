/** What unwinding must know of an architecture; register numbers are DWARF's. */
export type UnwindMachine = {
	registers: number;
	stackPointer: number;
	framePointer: number;
	/** Bytes of the instruction that ends at a return address, and where it calls; undefined when that isn't told. */
	callBytes: number;
	callTarget(instruction: Buffer, returnAddress: number): number | undefined;
	/** An address without what the processor keeps in its upper bits. */
	bare(address: number): number;
};

const nearCall = 0xe8;

const x64: UnwindMachine = {
	registers: 17,
	stackPointer: 7,
	framePointer: 6,
	callBytes: 5,
	callTarget: (instruction, returnAddress) =>
		instruction[0] === nearCall ? returnAddress + instruction.readInt32LE(1) : undefined,
	bare: address => address,
};

const branchWithLink = 0b10_0101;

const arm64: UnwindMachine = {
	registers: 33,
	stackPointer: 31,
	framePointer: 29,
	callBytes: 4,
	callTarget(instruction, returnAddress) {
		const word = instruction.readUInt32LE(0);
		// 26 bits with a sign, counted in instructions.
		return word >>> 26 === branchWithLink ? returnAddress - 4 + ((word << 6) >> 6) * 4 : undefined;
	},
	// Pointer authentication signs the bits above the address.
	bare: address => address % 2 ** 48,
};

/** By Node's name of the architecture, or uname's; undefined where stacks can't be unwound. */
export const unwindMachine = (architecture: string): UnwindMachine | undefined =>
	({x64, x86_64: x64, arm64, aarch64: arm64})[architecture];
