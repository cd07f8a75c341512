import {createCodeCache, type MachineCode} from './code-cache.js';
import type {CodeLayout} from './code-layout.js';
import type {Heap} from './heap.js';
import {createMethods} from './methods.js';
import type {Peek} from './peek.js';

/** A thread of a JVM: the JVM's own record of it, and where its stack lies. */
export type StackOfThread = {
	readonly address: number;
	readonly stack: {start: number; end: number};
};

/** One method that a thread is in. */
export type JavaFrame = {
	/** `shop.Orders.take (Orders.java:79)`. */
	text: string;
	/** Address of the JVM's record of it. */
	method: number;
};

/** Reads which Java methods a thread is in, innermost first. */
export type JavaWalk = (thread: StackOfThread) => readonly JavaFrame[];

/** Of deeper recursion the innermost frames tell enough. */
const mostFrames = 100;
const mostSteps = 400;
const windowBytes = 2048;

/** Slots of an interpreted frame, from its base (frame_x86.hpp, the same in frame_aarch64.hpp). */
const ofInterpreted = {
	caller: 0,
	returnsTo: 8,
	callersStack: -8,
	method: -24,
	/** Next instruction in the bytecode: JDK 9 and later, JDK 8. */
	instruction: [-64, -56],
};

type Place = {stackPointer: number; programCounter: number; framePointer: number};

/** Words of a stack: a few reads have most of them. */
const createStackWindow = (peek: Peek, {start, end}: StackOfThread['stack']) => {
	let from = 0;
	let window: Buffer | undefined;
	return (address: number): number => {
		if (address < start || address + 8 > end || address % 8 !== 0) {
			return 0;
		}

		if (!window || address < from || address + 8 > from + window.length) {
			from = Math.max(start, address - 128);
			window = peek.bytes(from, Math.min(windowBytes, end - from));
		}

		const value = window ? Number(window.readBigUInt64LE(address - from)) : 0;
		return Number.isSafeInteger(value) ? value : 0;
	};
};

/**
The thread isn't stopped: what is read is only true where it slept all the while. Frames that can't be true end the walk. It begins
where the thread last left Java code: a thread that runs Java code has no such place, and no frames.
*/
export const createJavaWalk = (peek: Peek, heap: Heap, layout: CodeLayout): JavaWalk => {
	const code = createCodeCache(peek, layout);
	const methods = createMethods(peek, heap, layout.methods);
	const {anchorFields} = layout;

	const placeAt = (anchor: number, word: (address: number) => number): Place => {
		const stackPointer = word(anchor + anchorFields.stackPointer);
		return {
			stackPointer,
			programCounter: word(anchor + anchorFields.programCounter),
			framePointer: word(anchor + anchorFields.framePointer),
		};
	};

	/** Where it isn't recorded, it's the address that the call of the JVM returns to. */
	const withCounter = (place: Place, word: (address: number) => number): Place =>
		place.programCounter === 0 && place.stackPointer > 0
			? {...place, programCounter: word(place.stackPointer - 8)}
			: place;

	const interpreted = (base: number, word: (address: number) => number): JavaFrame | undefined => {
		const method = word(base + ofInterpreted.method);
		const text = methods.describeAt(
			method,
			ofInterpreted.instruction.map(slot => word(base + slot)),
		);
		return text === undefined ? undefined : {text, method};
	};

	const callerOfInterpreted = (base: number, word: (address: number) => number): Place => ({
		stackPointer: word(base + ofInterpreted.callersStack),
		programCounter: word(base + ofInterpreted.returnsTo),
		framePointer: word(base + ofInterpreted.caller),
	});

	const compiled = (
		{stackPointer, programCounter}: Place,
		word: (address: number) => number,
	): MachineCode | undefined => {
		const found = code.at(programCounter);
		const kept = found?.keptCounter;
		return kept === undefined ? found : (code.at(word(stackPointer + kept)) ?? found);
	};

	/** One step outwards; undefined at the end. Adds the frames of this one. */
	const step = (
		place: Place,
		word: (address: number) => number,
		frames: JavaFrame[],
	): Place | undefined => {
		const {stackPointer, programCounter, framePointer} = place;
		if (code.isInterpreter(programCounter)) {
			const frame = framePointer >= stackPointer ? interpreted(framePointer, word) : undefined;
			if (!frame) {
				return undefined;
			}

			frames.push(frame);
			return callerOfInterpreted(framePointer, word);
		}

		if (code.isEntry(programCounter)) {
			const wrapper = word(framePointer + layout.entryWrapper);
			return withCounter(placeAt(wrapper + layout.wrapperAnchor, word), word);
		}

		const found = compiled(place, word);
		const calls = found?.calls.flatMap(({method, instruction}): JavaFrame[] => {
			const text = methods.describe(method, instruction);
			return text === undefined ? [] : [{text, method}];
		});
		if (!found || !calls || calls.length < found.calls.length) {
			return undefined;
		}

		frames.push(...calls);
		const caller = stackPointer + found.frameBytes;
		return found.frameBytes === 0
			? undefined
			: {
					stackPointer: caller,
					programCounter: word(caller - 8),
					framePointer: word(caller - 16),
				};
	};

	return ({address, stack}) => {
		const word = createStackWindow(peek, stack);
		const frames: JavaFrame[] = [];
		let place: Place | undefined = withCounter(
			placeAt(address + layout.anchor, peek.pointer),
			word,
		);
		let last = stack.start;
		for (let steps = 0; place && steps < mostSteps && frames.length < mostFrames; steps++) {
			const {stackPointer} = place;
			if (stackPointer <= last || stackPointer >= stack.end || stackPointer % 8 !== 0) {
				break;
			}

			last = stackPointer;
			place = step(place, word, frames);
		}

		return frames.slice(0, mostFrames);
	};
};
