/**
What a task is doing according to /proc/PID/task/TID/syscall.

- `running`: on a CPU, or waiting for one; the kernel doesn't say which
- `blocked`: asleep in the kernel, in system call `number`, or outside any (-1: a page fault)
- `kernel`: a kernel thread; its numbers mean nothing
- `exited`: a zombie, it has no stack any more
*/
export type SyscallState = 'running' | 'blocked' | 'kernel' | 'exited';

/**
One line of the file, made to be filled again and again.

Arguments and addresses are the registers as signed 64-bit numbers, exact up to 2^53. Of a larger one (register
garbage, where the call takes only an `int`) the low 32 bits are kept, so `value | 0` and `value >>> 0` hold for all.
*/
export type SyscallLine = {
	state: SyscallState;
	/** -1 when it sleeps outside a system call. */
	number: number;
	a0: number;
	a1: number;
	a2: number;
	a3: number;
	a4: number;
	a5: number;
	/** 0 when the kernel doesn't give it. */
	stackPointer: number;
	programCounter: number;
};

export const createSyscallLine = (): SyscallLine => ({
	state: 'running',
	number: -1,
	a0: 0,
	a1: 0,
	a2: 0,
	a3: 0,
	a4: 0,
	a5: 0,
	stackPointer: 0,
	programCounter: 0,
});

const space = 0x20;
const newline = 0x0a;
const minus = 0x2d;
const digitZero = 0x30;
const letterR = 0x72;
const letterX = 0x78;
const twoTo32 = 2 ** 32;

/** Digits that a 64-bit register has at most. */
const registerDigits = 16;

/** Where the next field begins; -1 once something wasn't as expected. Kept outside so that a read makes no object. */
let cursor = 0;

const hexDigit = (byte: number): number => {
	if (byte >= 0x30 && byte <= 0x39) {
		return byte - 0x30;
	}

	return byte >= 0x61 && byte <= 0x66 ? byte - 0x57 : -1;
};

/** The two halves as 32-bit integers, the upper one with the sign. */
const toNumber = (high: number, low: number): number => {
	const value = high * twoTo32 + (low >>> 0);

	return Number.isSafeInteger(value) ? value : low >>> 0;
};

/** Reads ` 0x7ffd…`: a blank and a register. */
const readRegister = (bytes: Uint8Array, length: number): number => {
	if (
		cursor < 0 ||
		bytes[cursor] !== space ||
		bytes[cursor + 1] !== digitZero ||
		bytes[cursor + 2] !== letterX
	) {
		cursor = -1;
		return 0;
	}

	const first = cursor + 3;
	let end = first;
	let high = 0;
	let low = 0;

	for (; end < length; end++) {
		const digit = hexDigit(bytes[end]!);

		if (digit < 0) {
			break;
		}

		high = (high << 4) | (low >>> 28);
		low = (low << 4) | digit;
	}

	const digits = end - first;
	cursor = digits === 0 || digits > registerDigits ? -1 : end;

	return toNumber(high, low);
};

/** Reads the call's number, in decimal. */
const readNumber = (bytes: Uint8Array, length: number): number => {
	const isNegative = bytes[0] === minus;
	const first = isNegative ? 1 : 0;
	let end = first;
	let value = 0;

	for (; end < length; end++) {
		const digit = bytes[end]! - digitZero;

		if (digit < 0 || digit > 9) {
			break;
		}

		value = value * 10 + digit;
	}

	cursor = end === first ? -1 : end;

	return isNegative ? -value : value;
};

const stateOf = (line: SyscallLine): SyscallState => {
	if (line.stackPointer !== 0 || line.programCounter !== 0) {
		return 'blocked';
	}

	// A thread of the kernel has no registers of its own: number 0 isn't a read() here.
	return line.number < 0 ? 'exited' : 'kernel';
};

/**
Reads /proc/PID/task/TID/syscall from the first `length` of `bytes` into `into`, without making a string or an object.

`NR A0 A1 A2 A3 A4 A5 SP PC`, or `NR SP PC` with a negative NR, or `running`: see proc_pid_syscall(5) and
`proc_pid_syscall` in the kernel's fs/proc/base.c. False when it's none of these; `into` then holds nothing of use.
*/
export const parseSyscall = (bytes: Uint8Array, length: number, into: SyscallLine): boolean => {
	into.a0 = 0;
	into.a1 = 0;
	into.a2 = 0;
	into.a3 = 0;
	into.a4 = 0;
	into.a5 = 0;
	into.stackPointer = 0;
	into.programCounter = 0;

	if (length >= 7 && bytes[0] === letterR) {
		into.state = 'running';
		into.number = -1;
		return true;
	}

	into.number = readNumber(bytes, length);

	if (into.number >= 0) {
		into.a0 = readRegister(bytes, length);
		into.a1 = readRegister(bytes, length);
		into.a2 = readRegister(bytes, length);
		into.a3 = readRegister(bytes, length);
		into.a4 = readRegister(bytes, length);
		into.a5 = readRegister(bytes, length);
	}

	into.stackPointer = readRegister(bytes, length);
	into.programCounter = readRegister(bytes, length);
	into.state = stateOf(into);

	// Without its end of line the last number may have been cut short.
	return cursor > 0 && cursor < length && bytes[cursor] === newline;
};
