import {addressIn, type CodeLayout, type GivenUpLayout} from './code-layout.js';
import {type InlinedCall, readCalls} from './inlined-calls.js';
import type {Peek} from './peek.js';

/** A piece of machine code that the JVM made. */
export type MachineCode = {
	/** Bytes on the stack of one that runs it, with the address it returns to; 0 for code that keeps to no rule. */
	frameBytes: number;
	/** Java methods that are at work at this address, innermost first; none for the JVM's own code. */
	calls: readonly InlinedCall[];
	/**
	Set where the address is that of the handler to which frames of code that the JVM gave up return: how many bytes above the stack pointer
	the frame keeps the address it would have returned to.
	*/
	keptCounter: number | undefined;
};

export type CodeCache = {
	/** Undefined where there is none. */
	at(programCounter: number): MachineCode | undefined;
	isInterpreter(programCounter: number): boolean;
	/** Where Java code returns to the part of the JVM that called it. */
	isEntry(programCounter: number): boolean;
};

type Part = {low: number; high: number; segments: number; shift: number};

type Places = {
	parts: readonly Part[];
	interpreter: {start: number; end: number};
	entryReturn: number;
};

type Known = MachineCode & {blob: number; method: number; compileId: number; checkedAt: number};

const mostParts = 8;
const freeSegment = 0xff;
const mostHops = 1024;
const largestFrame = 2 ** 20;
const mostKnown = 4096;
/** For all threads of a tick one look is enough. */
const millisecondsTrusted = 500;
const compiledNames: ReadonlySet<string> = new Set(['nmethod', 'native nmethod']);

export const createCodeCache = (peek: Peek, layout: CodeLayout): CodeCache => {
	const known = new Map<number, Known>();
	let places: Places | undefined;

	/** They stay where they are once the JVM is up. */
	const findPlaces = (): Places | undefined => {
		const list = peek.pointer(layout.parts);
		const count = Math.min(peek.uint32(list), mostParts);
		const data = peek.pointer(list + layout.partsData);
		const parts = Array.from({length: count}, (_, index): Part => {
			const part = peek.pointer(data + index * 8);
			return {
				low: peek.pointer(part + layout.partLow),
				high: peek.pointer(part + layout.partHigh),
				segments: peek.pointer(part + layout.partSegments),
				shift: peek.uint32(part + layout.partShift),
			};
		}).filter(({low, high, shift}) => low > 0 && high > low && shift < 24);
		const queue = peek.pointer(layout.interpreter);
		const start = peek.pointer(queue + layout.interpreterStart);
		const interpreter = {start, end: start + peek.uint32(queue + layout.interpreterLength)};
		const entryReturn = peek.pointer(layout.entryReturn);
		return parts.length > 0 && start > 0 && entryReturn > 0
			? {parts, interpreter, entryReturn}
			: undefined;
	};

	const currentPlaces = (): Places | undefined => {
		places ??= findPlaces();
		return places;
	};

	/** Each segment tells how far back its block begins, in steps (heap.cpp). */
	const blobAt = (programCounter: number): number => {
		const part = currentPlaces()?.parts.find(
			({low, high}) => programCounter >= low && programCounter < high,
		);
		if (!part) {
			return 0;
		}

		let segment = Math.floor((programCounter - part.low) / 2 ** part.shift);
		for (let hops = 0; hops < mostHops; hops++) {
			const back = peek.bytes(part.segments + segment, 1)?.[0] ?? freeSegment;
			if (back === freeSegment || back > segment) {
				return 0;
			}

			if (back === 0) {
				const block = part.low + segment * 2 ** part.shift;
				return peek.bytes(block + layout.blockUsed, 1)?.[0] === 1 ? block + layout.blockHeader : 0;
			}

			segment -= back;
		}

		return 0;
	};

	const identify = (blob: number): {method: number; compileId: number} => ({
		method: peek.pointer(blob + layout.compiledMethod),
		compileId: peek.uint32(blob + layout.compileId),
	});

	/** Frames whose code was given up return to its handler (frame::deoptimize in frame.cpp). */
	const isHandler = ({handlers}: GivenUpLayout, blob: number, programCounter: number): boolean =>
		handlers.some(handler => addressIn(peek, blob, handler) === programCounter);

	const keptCounter = (blob: number, programCounter: number): number | undefined => {
		const {givenUp} = layout;
		const kept =
			givenUp && isHandler(givenUp, blob, programCounter)
				? peek.uint32(blob + givenUp.kept)
				: undefined;
		return kept !== undefined && kept < largestFrame ? kept : undefined;
	};

	const read = (programCounter: number): Known | undefined => {
		const blob = blobAt(programCounter);
		const frameBytes = blob === 0 ? 0 : (peek.uint32(blob + layout.frameWords) | 0) * 8;
		if (blob === 0 || frameBytes < 0 || frameBytes > largestFrame) {
			return undefined;
		}

		const name = peek.text(peek.pointer(blob + layout.blobName));
		if (!compiledNames.has(name)) {
			return {
				blob,
				frameBytes,
				method: 0,
				compileId: 0,
				checkedAt: 0,
				calls: [],
				keptCounter: undefined,
			};
		}

		const {method, compileId} = identify(blob);
		const calls = name === 'nmethod' ? readCalls(peek, layout, blob, programCounter) : [];
		return {
			blob,
			frameBytes,
			method,
			compileId,
			checkedAt: 0,
			calls: calls.length > 0 ? calls : [{method, instruction: undefined}],
			keptCounter: name === 'nmethod' ? keptCounter(blob, programCounter) : undefined,
		};
	};

	/** Compiled code comes and goes, and other code may take its place. */
	const isStill = ({blob, method, compileId}: Known): boolean => {
		if (method === 0) {
			return true;
		}

		const now = identify(blob);
		return now.method === method && now.compileId === compileId;
	};

	return {
		at(programCounter) {
			const before = known.get(programCounter);
			const now = performance.now();
			if (before && now - before.checkedAt < millisecondsTrusted) {
				return before;
			}

			const found = before && isStill(before) ? before : read(programCounter);
			if (!found) {
				known.delete(programCounter);
				return undefined;
			}

			if (!before && known.size >= mostKnown) {
				known.clear();
			}

			found.checkedAt = now;
			known.set(programCounter, found);
			return found;
		},
		isInterpreter(programCounter) {
			const range = currentPlaces()?.interpreter;
			return range !== undefined && programCounter >= range.start && programCounter < range.end;
		},
		isEntry: programCounter => programCounter === currentPlaces()?.entryReturn,
	};
};
