import type {ReadMemory} from '../../procfs/memory.js';
import {readPointer} from '../pointers.js';
import type {CodeObjects} from './code-objects.js';
import {pointerIn} from './objects.js';
import type {FrameLayout} from './runtime-layout.js';

/** Of deeper recursion the innermost frames tell enough. */
const framesLimit = 100;

/** From 3.12 on some frames are only marks of the interpreter's own, between a C function and what it calls. */
const firstForeignOwner = 3;

/** Largest offset of an instruction in bytes that is believed, where it's no address. */
const instructionsLimit = 2 ** 26;

const readInstruction = (frame: Buffer, {instruction}: FrameLayout): number => {
	if (instruction.kind === 'pointer') {
		return pointerIn(frame, instruction.offset);
	}

	const index = frame.readInt32LE(instruction.offset);

	return instruction.kind === 'units' ? index * 2 : index;
};

const frameLength = ({previous, code, instruction, owner}: FrameLayout): number =>
	Math.max(previous + 8, code + 8, instruction.offset + 8, (owner ?? 0) + 1);

/** Since 3.11 the frames of a thread lie one above the other: one read has most of them. */
const windowBytes = 2048;

const createFrameReader = (
	readMemory: ReadMemory,
	{owner}: FrameLayout,
	length: number,
): ((address: number) => Buffer | undefined) => {
	const readOne = (address: number) => readMemory(address, length) ?? undefined;

	if (owner === undefined) {
		return readOne;
	}

	let start = 0;
	let window: Buffer | undefined;

	return address => {
		if (window === undefined || address < start || address + length > start + window.length) {
			start = address + length - windowBytes;
			window = readMemory(start, windowBytes) ?? undefined;
		}

		return window === undefined
			? readOne(address)
			: window.subarray(address - start, address - start + length);
	};
};

/** Objects are 8-byte aligned: 3.14 keeps marks in the lowest bits. */
const withoutMarks = (pointer: number): number => pointer - (pointer % 8);

/**
Frames of a thread, innermost first, from the pointer that its state has to them. The thread isn't stopped: frames that can't be
true end the walk, as they do where a running thread leaves them while they're read.
*/
export const walkFrames = function* (
	readMemory: ReadMemory,
	layout: FrameLayout,
	first: number,
	code: CodeObjects,
): Generator<string> {
	const {through} = layout.first;
	let address =
		first === 0 || through === undefined ? first : readPointer(readMemory, first + through);
	const readFrame = createFrameReader(readMemory, layout, frameLength(layout));

	for (let count = 0; address !== 0 && count < framesLimit; count++) {
		const frame = readFrame(address);

		if (!frame) {
			return;
		}

		const owner = layout.owner === undefined ? 0 : frame[layout.owner]!;

		if (owner < firstForeignOwner) {
			const instruction = readInstruction(frame, layout);
			const isPlausible = layout.instruction.kind === 'pointer' || instruction < instructionsLimit;
			const text = isPlausible
				? code.describe(withoutMarks(pointerIn(frame, layout.code)), instruction)
				: undefined;

			if (text === undefined) {
				return;
			}

			yield text;
		}

		const previous = pointerIn(frame, layout.previous);

		if (previous === address) {
			return;
		}

		address = previous;
	}
};
