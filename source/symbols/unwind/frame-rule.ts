import {
	type ByteCursor,
	createCursor,
	readI64,
	readSleb,
	readU8,
	readU16,
	readU32,
	readUleb,
} from './byte-cursor.js';
import type {CommonEntry, FrameEntry} from './frame-entry.js';

/**
Where a caller's register is.

- `offset`: in memory, that far from the frame's address (CFA)
- `value`: it is the frame's address plus that
- `register`: in another register
- `expression`: in memory, at the address that the expression gives; `valueExpression`: it is what that gives
- `undefined`: lost; of the return address: there is no caller
*/
export type Location =
	| {kind: 'offset' | 'value'; offset: number}
	| {kind: 'register'; register: number}
	| {kind: 'expression' | 'valueExpression'; bytes: Buffer}
	| {kind: 'undefined'};

/** The frame's address: the stack pointer before the call. */
export type FrameAddress =
	| {kind: 'register'; register: number; offset: number}
	| {kind: 'expression'; bytes: Buffer};

/** How to get from a frame to its caller's, at one place in the code. */
export type FrameRule = {
	/** Where the function begins, as in the file. */
	functionStart: number;
	frameAddress: FrameAddress;
	returnRegister: number;
	/** Registers that aren't listed still have the caller's value. */
	registers: readonly (readonly [register: number, location: Location])[];
	isSignalFrame: boolean;
};

type State = {
	frameAddress: FrameAddress;
	registers: Map<number, Location>;
};

type Machine = State & {
	common: CommonEntry;
	location: number;
	target: number;
	initial: ReadonlyMap<number, Location>;
	remembered: State[];
};

type Instruction = (machine: Machine, cursor: ByteCursor) => void;

const advance = (machine: Machine, delta: number): void => {
	machine.location += delta * machine.common.codeAlignment;
};

const setOffset = (machine: Machine, register: number, factored: number): void => {
	machine.registers.set(register, {
		kind: 'offset',
		offset: factored * machine.common.dataAlignment,
	});
};

const restore = (machine: Machine, register: number): void => {
	const initial = machine.initial.get(register);
	if (initial) {
		machine.registers.set(register, initial);
	} else {
		machine.registers.delete(register);
	}
};

const readBlock = (cursor: ByteCursor): Buffer => {
	const length = readUleb(cursor);
	cursor.at += length;
	return cursor.bytes.subarray(cursor.at - length, cursor.at);
};

const setRegister = (machine: Machine, register: number): void => {
	const offset = machine.frameAddress.kind === 'register' ? machine.frameAddress.offset : 0;
	machine.frameAddress = {kind: 'register', register, offset};
};

const setFrameOffset = (machine: Machine, offset: number): void => {
	if (machine.frameAddress.kind === 'register') {
		machine.frameAddress = {...machine.frameAddress, offset};
	}
};

/** DW_CFA_* by their numbers, see the DWARF standard, 6.4.2; those that carry an operand in the number itself aren't here. */
const instructions: Readonly<Record<number, Instruction>> = {
	0() {},
	1(machine, cursor) {
		machine.location = readI64(cursor);
	},
	2: (machine, cursor) => advance(machine, readU8(cursor)),
	3: (machine, cursor) => advance(machine, readU16(cursor)),
	4: (machine, cursor) => advance(machine, readU32(cursor)),
	5: (machine, cursor) => setOffset(machine, readUleb(cursor), readUleb(cursor)),
	6: (machine, cursor) => restore(machine, readUleb(cursor)),
	7(machine, cursor) {
		machine.registers.set(readUleb(cursor), {kind: 'undefined'});
	},
	8(machine, cursor) {
		machine.registers.delete(readUleb(cursor));
	},
	9(machine, cursor) {
		const register = readUleb(cursor);
		machine.registers.set(register, {kind: 'register', register: readUleb(cursor)});
	},
	10(machine) {
		const {frameAddress, registers} = machine;
		machine.remembered.push({frameAddress, registers: new Map(registers)});
	},
	11(machine) {
		const state = machine.remembered.pop();
		if (state) {
			machine.frameAddress = state.frameAddress;
			machine.registers = state.registers;
		}
	},
	12(machine, cursor) {
		const register = readUleb(cursor);
		machine.frameAddress = {kind: 'register', register, offset: readUleb(cursor)};
	},
	13: (machine, cursor) => setRegister(machine, readUleb(cursor)),
	14: (machine, cursor) => setFrameOffset(machine, readUleb(cursor)),
	15(machine, cursor) {
		machine.frameAddress = {kind: 'expression', bytes: readBlock(cursor)};
	},
	16(machine, cursor) {
		machine.registers.set(readUleb(cursor), {kind: 'expression', bytes: readBlock(cursor)});
	},
	17: (machine, cursor) => setOffset(machine, readUleb(cursor), readSleb(cursor)),
	18(machine, cursor) {
		const register = readUleb(cursor);
		const offset = readSleb(cursor) * machine.common.dataAlignment;
		machine.frameAddress = {kind: 'register', register, offset};
	},
	19: (machine, cursor) => setFrameOffset(machine, readSleb(cursor) * machine.common.dataAlignment),
	20(machine, cursor) {
		const register = readUleb(cursor);
		const offset = readUleb(cursor) * machine.common.dataAlignment;
		machine.registers.set(register, {kind: 'value', offset});
	},
	21(machine, cursor) {
		const register = readUleb(cursor);
		const offset = readSleb(cursor) * machine.common.dataAlignment;
		machine.registers.set(register, {kind: 'value', offset});
	},
	22(machine, cursor) {
		machine.registers.set(readUleb(cursor), {kind: 'valueExpression', bytes: readBlock(cursor)});
	},
	// Whether the return address is signed (arm64): its signature is taken off in any case.
	45() {},
	46(_machine, cursor) {
		readUleb(cursor);
	},
};

/** Runs instructions up to the place in question; false when one isn't known. */
const run = (machine: Machine, program: Buffer): boolean => {
	const cursor = createCursor(program, 0);
	while (cursor.at < program.length) {
		const byte = readU8(cursor);
		const operand = byte & 0x3f;
		const instruction = byte < 0x40 ? instructions[byte] : undefined;
		if (byte >= 0xc0) {
			restore(machine, operand);
		} else if (byte >= 0x80) {
			setOffset(machine, operand, readUleb(cursor));
		} else if (byte >= 0x40) {
			advance(machine, operand);
		} else if (instruction) {
			instruction(machine, cursor);
		} else {
			return false;
		}

		if (machine.location > machine.target) {
			return true;
		}
	}

	return true;
};

/** The rule at an address of a function, as in the file; undefined when its description can't be understood. */
export const frameRule = (
	{common, start, program}: FrameEntry,
	address: number,
): FrameRule | undefined => {
	const machine: Machine = {
		common,
		location: start,
		// Instructions that begin to hold behind the address must not be run.
		target: address,
		frameAddress: {kind: 'register', register: 0, offset: 0},
		registers: new Map(),
		initial: new Map(),
		remembered: [],
	};
	if (!run(machine, common.program)) {
		return undefined;
	}

	machine.initial = new Map(machine.registers);
	return run(machine, program)
		? {
				functionStart: start,
				frameAddress: machine.frameAddress,
				returnRegister: common.returnRegister,
				registers: [...machine.registers],
				isSignalFrame: common.isSignalFrame,
			}
		: undefined;
};
