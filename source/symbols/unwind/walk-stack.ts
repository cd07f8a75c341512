import {evaluate, type ReadWord, type Registers} from './expression.js';
import type {FrameRule, Location} from './frame-rule.js';
import type {ReadCode, UnwindMachine} from './machine.js';

/** What a stack is unwound with: all reading goes through these. */
export type StackSource = {
	machine: UnwindMachine;
	/** Eight bytes of the stack. */
	readWord: ReadWord;
	readCode: ReadCode;
	isCode(address: number): boolean;
	/** Rule at an address, and the load bias of its file; undefined where no frame is described. */
	ruleAt(address: number): {rule: FrameRule; bias: number} | undefined;
};

const mostFrames = 256;
/** How far up a frame is looked for whose size isn't known: the frames of functions that use a frame pointer. */
const searchBytes = 16_384;
const wordBytes = 8;

const readLocation = (
	location: Location,
	frameAddress: number,
	registers: Registers,
	readWord: ReadWord,
): number => {
	switch (location.kind) {
		case 'offset':
			return readWord(frameAddress + location.offset) ?? Number.NaN;
		case 'value':
			return frameAddress + location.offset;
		case 'register':
			return registers[location.register] ?? Number.NaN;
		case 'expression': {
			const address = evaluate(location.bytes, registers, readWord, frameAddress);
			return (address === undefined ? undefined : readWord(address)) ?? Number.NaN;
		}

		case 'valueExpression':
			return evaluate(location.bytes, registers, readWord, frameAddress) ?? Number.NaN;
		case 'undefined':
			return Number.NaN;
	}
};

/**
The frame's address where its register is lost, as the frame pointer is in the innermost frames: the first word up the stack
that is an address behind an instruction which calls this very function.
*/
const searchFrameAddress = (
	{machine, readWord, readCode, isCode}: StackSource,
	stackPointer: number,
	functionStart: number,
	returnOffset: number,
): number | undefined => {
	for (let at = stackPointer; at < stackPointer + searchBytes; at += wordBytes) {
		const word = readWord(at);
		if (word === undefined) {
			return undefined;
		}

		const address = machine.bare(word);
		if (isCode(address) && machine.calls(address, functionStart, readCode)) {
			return at - returnOffset;
		}
	}

	return undefined;
};

/**
The same from how much stack the function takes when it begins, which holds unless it takes more later; what must then be a return
address is one.
*/
const computeFrameAddress = (
	{machine, readWord, readCode, isCode}: StackSource,
	stackPointer: number,
	functionStart: number,
	returnOffset: number,
): number | undefined => {
	const bytes = machine.frameBytes(functionStart, readCode);
	if (bytes === undefined) {
		return undefined;
	}

	const frameAddress = stackPointer + bytes;
	const address = machine.bare(readWord(frameAddress + returnOffset) ?? 0);
	return isCode(address) && machine.followsCall(address, readCode) ? frameAddress : undefined;
};

const frameAddressOf = (
	source: StackSource,
	registers: Registers,
	rule: FrameRule,
	functionStart: number,
): number | undefined => {
	const {frameAddress} = rule;
	const known =
		frameAddress.kind === 'register'
			? (registers[frameAddress.register] ?? Number.NaN) + frameAddress.offset
			: (evaluate(frameAddress.bytes, registers, source.readWord) ?? Number.NaN);
	if (!Number.isNaN(known)) {
		return known;
	}

	const returns = rule.registers.find(([register]) => register === rule.returnRegister)?.[1];
	if (returns?.kind !== 'offset') {
		return undefined;
	}

	const stackPointer = registers[source.machine.stackPointer]!;
	return (
		computeFrameAddress(source, stackPointer, functionStart, returns.offset) ??
		searchFrameAddress(source, stackPointer, functionStart, returns.offset)
	);
};

type Step = {address: number; isSignalFrame: boolean} | undefined;

/** By the chain of frame pointers, for code without a description, such as what a runtime compiles while it runs. */
const stepByFramePointer = ({machine, readWord}: StackSource, registers: Registers): Step => {
	const frame = registers[machine.framePointer]!;
	const stack = registers[machine.stackPointer]!;
	if (Number.isNaN(frame) || frame < stack || frame % wordBytes !== 0) {
		return undefined;
	}

	const address = readWord(frame + wordBytes);
	const next = readWord(frame);
	if (address === undefined || next === undefined || next <= frame) {
		return undefined;
	}

	registers[machine.stackPointer] = frame + 2 * wordBytes;
	registers[machine.framePointer] = next;
	return {address: machine.bare(address), isSignalFrame: false};
};

/** Turns the registers into the caller's. */
const stepByRule = (
	source: StackSource,
	registers: Registers,
	rule: FrameRule,
	bias: number,
): Step => {
	const {machine, readWord} = source;
	const frameAddress = frameAddressOf(source, registers, rule, rule.functionStart + bias);
	if (frameAddress === undefined) {
		return undefined;
	}

	const below = registers[machine.stackPointer]!;
	const returnedTo = registers[rule.returnRegister];
	const values = rule.registers.map(([, location]) =>
		readLocation(location, frameAddress, registers, readWord),
	);
	// Only now, as a location may be told by another register's old value.
	registers[machine.stackPointer] = frameAddress;
	for (const [index, [register]] of rule.registers.entries()) {
		if (register < machine.registers) {
			registers[register] = values[index]!;
		}
	}

	const address = machine.bare(registers[rule.returnRegister] ?? Number.NaN);
	// A caller's frame lies above; only a signal handler may have a stack of its own.
	const isAbove = registers[machine.stackPointer]! > below;
	const isMoved = isAbove || rule.isSignalFrame || address !== returnedTo;
	return Number.isNaN(address) || !isMoved
		? undefined
		: {address, isSignalFrame: rule.isSignalFrame};
};

/**
Addresses of the functions that a blocked thread is in, innermost first, from its stack pointer and its program counter alone: as a
debugger would show them, but without stopping the thread. It ends early rather than with an address that is only likely.
*/
export const walkStack = (
	stackPointer: number,
	programCounter: number,
	source: StackSource,
): readonly number[] => {
	const registers = new Float64Array(source.machine.registers).fill(Number.NaN);
	registers[source.machine.stackPointer] = stackPointer;
	const addresses = [programCounter];
	// A return address is behind the call, which may be a function's last instruction.
	let back = 0;
	while (addresses.length < mostFrames) {
		const found = source.ruleAt(addresses.at(-1)! - back);
		const step = found
			? stepByRule(source, registers, found.rule, found.bias)
			: stepByFramePointer(source, registers);
		if (!step || step.address === 0 || !source.isCode(step.address)) {
			break;
		}

		addresses.push(step.address);
		back = step.isSignalFrame ? 0 : 1;
	}

	return addresses;
};
