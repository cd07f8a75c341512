import {createCursor, readSleb, readU8, readU16, readU32, readUleb} from './byte-cursor.js';

/** Registers by their DWARF numbers; NaN: lost. */
export type Registers = Float64Array;

export type ReadWord = (address: number) => number | undefined;

type Operation = (stack: number[]) => void;

const binary =
	(operation: (below: number, top: number) => number): Operation =>
	stack => {
		const top = stack.pop() ?? Number.NaN;
		const below = stack.pop() ?? Number.NaN;
		stack.push(operation(below, top));
	};

const bitwise = (operation: (a: bigint, b: bigint) => bigint) =>
	binary((a, b) =>
		Number.isNaN(a) || Number.isNaN(b)
			? Number.NaN
			: Number(BigInt.asUintN(64, operation(BigInt(a), BigInt(b)))),
	);

/** DW_OP_* without operands, as far as frame descriptions use them: those of signal frames and of lazily bound calls. */
const operations: Readonly<Record<number, Operation>> = {
	26: bitwise((a, b) => a & b),
	28: binary((a, b) => a - b),
	30: binary((a, b) => a * b),
	33: bitwise((a, b) => a | b),
	34: binary((a, b) => a + b),
	36: bitwise((a, b) => a << b),
	37: bitwise((a, b) => a >> b),
	41: binary((a, b) => Number(a === b)),
	42: binary((a, b) => Number(a >= b)),
	43: binary((a, b) => Number(a > b)),
	44: binary((a, b) => Number(a <= b)),
	45: binary((a, b) => Number(a < b)),
	46: binary((a, b) => Number(a !== b)),
};

const constants: Readonly<Record<number, (cursor: ReturnType<typeof createCursor>) => number>> = {
	8: readU8,
	9: cursor => (readU8(cursor) << 24) >> 24,
	10: readU16,
	11: cursor => (readU16(cursor) << 16) >> 16,
	12: readU32,
	13: cursor => readU32(cursor) | 0,
	16: readUleb,
	17: readSleb,
};

const dereference = 0x06;
const plusConstant = 0x23;
const firstLiteral = 0x30;
const firstRegister = 0x70;
const lastRegister = 0x8f;

type Context = {registers: Registers; readWord: ReadWord};

/** Runs one operation; false when it isn't known. */
const step = (
	code: number,
	stack: number[],
	cursor: ReturnType<typeof createCursor>,
	{registers, readWord}: Context,
): boolean => {
	if (code >= firstRegister && code <= lastRegister) {
		stack.push((registers[code - firstRegister] ?? Number.NaN) + readSleb(cursor));
	} else if (code >= firstLiteral && code < firstLiteral + 32) {
		stack.push(code - firstLiteral);
	} else if (code === dereference) {
		stack.push(readWord(stack.pop() ?? 0) ?? Number.NaN);
	} else if (code === plusConstant) {
		stack.push((stack.pop() ?? Number.NaN) + readUleb(cursor));
	} else {
		const constant = constants[code]?.(cursor);
		if (constant !== undefined) {
			stack.push(constant);
			return true;
		}

		operations[code]?.(stack);
		return operations[code] !== undefined;
	}

	return true;
};

/** Value of a DWARF expression (DWARF standard, 2.5); undefined when a part of it isn't known or a register is lost. */
export const evaluate = (
	bytes: Buffer,
	registers: Registers,
	readWord: ReadWord,
	initial?: number,
): number | undefined => {
	const cursor = createCursor(bytes, 0);
	const stack: number[] = initial === undefined ? [] : [initial];
	while (cursor.at < bytes.length) {
		if (!step(readU8(cursor), stack, cursor, {registers, readWord})) {
			return undefined;
		}
	}

	const value = stack.at(-1);
	return value === undefined || Number.isNaN(value) ? undefined : value;
};
