import type {Heap} from './heap.js';
import type {JavaWalk} from './java-frames.js';
import type {JvmLayout} from './layout.js';
import type {Peek} from './peek.js';
import type {WaitingPlace, WaitingPlaces} from './wakers.js';

/** One thread that runs Java code, or may. */
export type JavaThread = {
	/** Of the JVM's own object for it. */
	readonly address: number;
	/** Kernel's id, in the numbers of the process's own pid namespace. */
	readonly ownTid: number;
	readonly stack: {start: number; end: number};
	/** As `Thread.getName()` says; undefined where it can't be read. */
	readonly name: string | undefined;
};

/** The monitors that a thread is at, as addresses; 0 for none. */
export type MonitorWait = {
	/** That it wants to enter (`synchronized`). */
	pending: number;
	/** That it waits at (`Object.wait`). */
	waiting: number;
};

export type MonitorOwner =
	| {state: 'held'; thread: JavaThread}
	| {state: 'free'}
	/** Taken by somebody who can't be told: `why` says it in words. */
	| {state: 'unknown'; why: string};

/** What a parked thread says it waits for (java.util.concurrent's LockSupport). */
export type ParkBlocker = {
	/** Address of the object; the collector may move it. */
	object: number;
	className: string;
	/** Whether its class keeps who has it exclusively; such as ReentrantLock. */
	isOwnable: boolean;
	/** Missing where nobody has it exclusively, or it keeps no owner. */
	owner?: JavaThread;
};

/** A running JVM's threads and monitors, by some small reads of its memory. */
export type Jvm = {
	/** Java version: 17. */
	readonly version: number;
	/** All threads that the JVM knows as Java's; its collectors are none of them. Read anew only when one began or ended. */
	threads(): readonly JavaThread[];
	/** A thread may be given another name at any time. */
	readName(thread: JavaThread): string | undefined;
	waitOf(thread: JavaThread): MonitorWait;
	ownerOf(monitor: number): MonitorOwner;
	/** Class of the object that a monitor is of: `shop.OrderBook`, or `class shop.OrderBook` where it is the class itself. */
	monitorName(monitor: number): string | undefined;
	blockerOf(thread: JavaThread): ParkBlocker | undefined;
	/** Where the thread left Java code: while it stays there, this stays the same. 0 while it runs Java code. */
	javaStackPointer(thread: JavaThread): number;
	/** Java methods that a sleeping thread is in, innermost first; none while it runs Java code, or where this JVM can't be walked. */
	frames(thread: JavaThread): readonly string[];
	/** Where in the program a sleeping thread waits for others to wake it, and how its class does that. */
	placeOf(thread: JavaThread): WaitingPlace | undefined;
};

const mostThreads = 100_000;
/** Values of a monitor's owner that are no thread (objectMonitor.hpp): no owner, one that isn't known yet, one that is being taken apart. */
const owners = {none: 0, anonymous: 1, deflating: 2};
const threadClass = 'java/lang/Thread';
const ownableClass = 'java/util/concurrent/locks/AbstractOwnableSynchronizer';

const asNumber = (bytes: Buffer, at: number): number => Number(bytes.readBigUInt64LE(at));

/** What is read of the stacks of a JVM's threads. */
export type JvmStacks = {walk: JavaWalk; placeOf: WaitingPlaces};

export const createJvm = (peek: Peek, layout: JvmLayout, heap: Heap, stacks: JvmStacks): Jvm => {
	const {threads: ofThread, monitors: ofMonitor, version} = layout;
	let list = {address: 0, threads: [] as readonly JavaThread[]};
	const first = Math.min(ofThread.pendingMonitor, ofThread.waitingMonitor);
	const waitBytes = Math.abs(ofThread.pendingMonitor - ofThread.waitingMonitor) + 8;

	const threadObject = (address: number): number => {
		const slot = ofThread.objectIsHandle
			? peek.pointer(address + ofThread.object)
			: address + ofThread.object;
		return slot === 0 ? 0 : heap.referenceAt(slot);
	};

	const fieldOfThread = (object: number, field: string): number => {
		const offset = heap.fieldOf(heap.classOf(object), threadClass, field);
		return offset === undefined ? 0 : heap.referenceIn(object, offset);
	};

	const nameOf = (address: number): string | undefined => {
		const object = threadObject(address);
		return object === 0 ? undefined : heap.text(fieldOfThread(object, 'name'));
	};

	const readThread = (address: number, known: JavaThread | undefined): JavaThread | undefined => {
		const ownTid = peek.uint32(peek.pointer(address + ofThread.osThread) + ofThread.osThreadId);
		if (ownTid === 0 || ownTid > 2 ** 22) {
			return undefined;
		}

		if (known?.ownTid === ownTid) {
			return known;
		}

		const end = peek.pointer(address + ofThread.stackBase);
		const start = end - peek.pointer(address + ofThread.stackSize);
		return {address, ownTid, name: nameOf(address), stack: {start, end}};
	};

	const readThreads = (address: number): readonly JavaThread[] => {
		const count = peek.uint32(address + ofThread.listLength);
		const array = peek.pointer(address + ofThread.listThreads);
		const bytes = count > 0 && count <= mostThreads ? peek.bytes(array, count * 8) : undefined;
		const before = new Map(list.threads.map(thread => [thread.address, thread]));
		const found: JavaThread[] = [];
		for (let at = 0; bytes && at < bytes.length; at += 8) {
			const each = asNumber(bytes, at);
			const thread = readThread(each, before.get(each));
			if (thread) {
				found.push(thread);
			}
		}

		return found;
	};

	const threads = (): readonly JavaThread[] => {
		const address = peek.pointer(ofThread.list);
		if (address !== list.address) {
			list = {address, threads: readThreads(address)};
		}

		return list.threads;
	};

	const objectOf = (monitor: number): number => {
		const slot = ofMonitor.objectIsHandle
			? peek.pointer(monitor + ofMonitor.object)
			: monitor + ofMonitor.object;
		return slot === 0 ? 0 : heap.referenceAt(slot);
	};

	/** Whether a thread has the object locked without a monitor: it keeps those in a small stack of its own. */
	const hasLocked = ({address}: JavaThread, object: number): boolean => {
		const {lockStack} = ofThread;
		const end = lockStack ? peek.uint32(address + lockStack.top) : 0;
		if (!lockStack || end <= lockStack.base || end > lockStack.end) {
			return false;
		}

		const bytes = peek.bytes(address + lockStack.base, end - lockStack.base);
		for (let at = 0; bytes && at + 8 <= bytes.length; at += 8) {
			if (asNumber(bytes, at) === object) {
				return true;
			}
		}

		return false;
	};

	const unknown = (why: string): MonitorOwner => ({state: 'unknown', why});

	const held = (thread: JavaThread | undefined, why: string): MonitorOwner =>
		thread ? {state: 'held', thread} : unknown(why);

	const changing = 'changing hands at the moment of reading';

	const ownerOf = (monitor: number): MonitorOwner => {
		const owner = peek.pointer(monitor + ofMonitor.owner);
		if (owner === owners.none) {
			return {state: 'free'};
		}

		if (owner === owners.anonymous && ofThread.lockStack) {
			const object = objectOf(monitor);
			return held(
				object === 0 ? undefined : threads().find(each => hasLocked(each, object)),
				changing,
			);
		}

		if (owner <= owners.deflating) {
			return {state: 'free'};
		}

		if (ofMonitor.ownerIsId) {
			const {ownerId} = ofThread;
			const thread = threads().find(
				({address}) => ownerId !== undefined && peek.pointer(address + ownerId) === owner,
			);
			return held(thread, 'held by a virtual thread that is not running');
		}

		// A lock that was taken without a monitor is marked by an address on its owner's stack.
		return held(
			threads().find(
				({address, stack}) => address === owner || (owner >= stack.start && owner < stack.end),
			),
			changing,
		);
	};

	const threadOfObject = (object: number): JavaThread | undefined =>
		object === 0 ? undefined : threads().find(({address}) => threadObject(address) === object);

	return {
		version,
		threads,
		frames: thread => stacks.walk(thread).map(({text}) => text),
		placeOf: stacks.placeOf,
		readName: ({address}) => nameOf(address),
		ownerOf,
		waitOf({address}) {
			const bytes = peek.bytes(address + first, waitBytes);
			return bytes
				? {
						pending: asNumber(bytes, ofThread.pendingMonitor - first),
						waiting: asNumber(bytes, ofThread.waitingMonitor - first),
					}
				: {pending: 0, waiting: 0};
		},
		monitorName(monitor) {
			const object = objectOf(monitor);
			const name = heap.className(heap.classOf(object));
			if (name !== 'java.lang.Class') {
				return name;
			}

			const represented = heap.representedClass(object);
			const ofClass = represented === undefined ? undefined : heap.className(represented);
			return ofClass === undefined ? name : `class ${ofClass}`;
		},
		blockerOf({address}) {
			const object = fieldOfThread(threadObject(address), 'parkBlocker');
			const klass = object === 0 ? 0 : heap.classOf(object);
			const className = klass === 0 ? undefined : heap.className(klass);
			if (className === undefined) {
				return undefined;
			}

			const offset = heap.fieldOf(klass, ownableClass, 'exclusiveOwnerThread');
			const owner =
				offset === undefined ? undefined : threadOfObject(heap.referenceIn(object, offset));
			return {object, className, isOwnable: offset !== undefined, ...(owner && {owner})};
		},
		javaStackPointer: ({address}) => peek.pointer(address + ofThread.lastJavaStackPointer),
	};
};
