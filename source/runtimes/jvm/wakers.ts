import type {MethodLayout} from './code-layout.js';
import type {Heap} from './heap.js';
import type {JavaWalk, StackOfThread} from './java-frames.js';
import type {Peek} from './peek.js';

/** What a waiting thread's own class calls to wake those that wait. */
export type WaitingPlace = {
	/** The program's own method that waits: `shop.Orders.take (Orders.java:79)`. */
	where: string;
	/** Those of `notify`, `notifyAll`, `signal` and `signalAll` that the method's class refers to. */
	wakers: readonly string[];
};

/** Undefined where no method of the program can be seen to wait, or it's the JDK that waits, whose queues wake one at a time. */
export type WaitingPlaces = (thread: StackOfThread) => WaitingPlace | undefined;

const names: ReadonlySet<string> = new Set(['notify', 'notifyAll', 'signal', 'signalAll']);

/** How the JDK waits for its callers. */
const waitingFrame =
	/^(?:java\.lang\.Object\.wait|java\.util\.concurrent\.(?:locks\.|ForkJoinPool\.)|jdk\.internal\.|sun\.misc\.)/;
const ownFrame = /^(?:java|javax|jdk|sun)\./;

/** A class has some hundreds of constants; each one that can be a name is read once. */
const mostConstants = 4096;
const mostKnown = 256;

const isAddress = (value: bigint): boolean =>
	value >= 4096n && value < 2n ** 47n && value % 8n === 0n;

export const createWaitingPlaces = (
	peek: Peek,
	heap: Heap,
	layout: MethodLayout,
	walk: JavaWalk,
): WaitingPlaces => {
	const known = new Map<number, readonly string[]>();

	/** A class names what it calls among its constants, whose kinds are not read: what is no name's address is no name. */
	const readWakers = (constants: number): readonly string[] => {
		const count = Math.min(mostConstants, peek.uint32(constants + layout.constantsLength));
		const slots = peek.bytes(constants + layout.constantsSize, count * 8);
		const found = new Set<string>();
		for (let at = 8; slots && at + 8 <= slots.length; at += 8) {
			const slot = slots.readBigUInt64LE(at);
			const name = isAddress(slot) ? heap.symbol(Number(slot)) : undefined;
			if (name !== undefined && names.has(name)) {
				found.add(name);
			}
		}

		return [...found].sort();
	};

	const wakersOf = (method: number): readonly string[] => {
		const constants = peek.pointer(peek.pointer(method + layout.constMethod) + layout.constants);
		const before = known.get(constants);
		if (before) {
			return before;
		}

		if (known.size >= mostKnown) {
			known.clear();
		}

		const wakers = readWakers(constants);
		known.set(constants, wakers);
		return wakers;
	};

	return thread => {
		const frame = walk(thread).find(({text}) => !waitingFrame.test(text));
		return frame === undefined || ownFrame.test(frame.text)
			? undefined
			: {where: frame.text, wakers: wakersOf(frame.method)};
	};
};
