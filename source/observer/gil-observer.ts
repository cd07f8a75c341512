import {type FutexUse, type FutexWaiter, futexLockId} from '../locks/futex-locks.js';
import type {Lock} from '../model/lock.js';
import type {Gil} from '../model/process.js';
import {attachToGil} from '../runtimes/python/attach.js';
import {classifyPythonFutex, sharedSemaphore} from '../runtimes/python/gil.js';
import {type GilReader, type GilState, handOffsPerSecond} from '../runtimes/python/gil-state.js';
import {findPythonInterpreter, type PythonInterpreter} from '../runtimes/python/interpreter.js';
import type {ProcessEntry} from '../sampler/task-entry.js';
import type {AddressSpaces} from './address-spaces.js';

/** Finds out who waits for the GIL of Python processes, and where CPython tells it, who holds it. */
export type GilObserver = {
	/** The GIL as it was during the interval that the uses are of; undefined when nobody waited for one or it can't be told. */
	observe(process: ProcessEntry, uses: readonly FutexUse[]): Gil | undefined;
};

type Attachment = {
	generation: number;
	interpreter: PythonInterpreter | undefined;
	/** Undefined until it could be attached to. */
	reader: GilReader | undefined;
	attachedAt: number;
	state: {read: GilState; at: number} | undefined;
};

// A process that has just begun has no interpreter state yet: it is tried again, but not each time.
const millisecondsBetweenAttempts = 10_000;

const addressOf = ({wait}: FutexWaiter, use: FutexUse): number =>
	wait.futexAddress === undefined ? use.address : Number(wait.futexAddress);

/** What kind of waiting for a lock of Python's a thread does, by its system call. */
const classify = (interpreter: PythonInterpreter, use: FutexUse, waiter: FutexWaiter) => {
	const {wait} = waiter;
	return classifyPythonFutex(interpreter, {
		futex: {
			operation: wait.futexOperation ?? '',
			address: addressOf(waiter, use),
			value: wait.futexValue,
			timed: wait.timed ?? false,
			isPrivate: true,
		},
		timeoutMilliseconds: wait.timeoutMilliseconds,
		region: wait.region,
	});
};

/** Those who wait for the GIL by the word that they wait on: the interpreter's own state names it, or where it lies tells. */
const waitersByWord = (
	{interpreter, reader}: Attachment,
	uses: readonly FutexUse[],
): {use: FutexUse; waiters: readonly FutexWaiter[]} | undefined => {
	if (!interpreter) {
		return undefined;
	}

	for (const use of uses) {
		const waiters = use.waiters.filter(
			waiter =>
				(reader?.isGilWord(addressOf(waiter, use)) ?? false) ||
				classify(interpreter, use, waiter) === 'gil',
		);
		if (waiters.length > 0) {
			return {use, waiters};
		}
	}

	return undefined;
};

/** Of a Python 2 whose state can't be read: those who wait for the heap semaphore that is most likely the GIL. */
const waitersBySemaphore = (
	{interpreter}: Attachment,
	uses: readonly FutexUse[],
): {use: FutexUse; waiters: readonly FutexWaiter[]} | undefined => {
	const candidates = uses.flatMap(use =>
		use.waiters
			.filter(waiter => interpreter && classify(interpreter, use, waiter) === 'candidate')
			.map(waiter => ({tid: waiter.tid, address: use.address})),
	);
	const shared = sharedSemaphore(candidates);
	const use = uses.find(({address}) => address === shared?.address);
	return use && {use, waiters: use.waiters};
};

export const createGilObserver = (procRoot: string, spaces: AddressSpaces): GilObserver => {
	const attachments = new WeakMap<ProcessEntry, Attachment>();

	const attach = (process: ProcessEntry): Attachment => {
		const space = spaces.of(process);
		const interpreter = findPythonInterpreter(space.mappings() ?? []);
		const isLiving = (tid: number) => (process.threads.has(tid) ? tid : undefined);
		return {
			generation: process.generation,
			interpreter,
			reader:
				interpreter && attachToGil(procRoot, process.pid, interpreter, space.memory.read, isLiving),
			attachedAt: performance.now(),
			state: undefined,
		};
	};

	const attachmentOf = (process: ProcessEntry): Attachment => {
		const known = attachments.get(process);
		const isTooOld =
			known?.reader === undefined &&
			performance.now() - (known?.attachedAt ?? 0) > millisecondsBetweenAttempts;
		if (known?.generation === process.generation && !isTooOld) {
			return known;
		}

		const attachment = attach(process);
		attachments.set(process, attachment);
		return attachment;
	};

	/** What CPython itself keeps about its GIL, and how often it went around since the last look. */
	const readState = (attachment: Attachment): Pick<Gil, 'holderTid' | 'handOffsPerSecond'> => {
		const read = attachment.reader?.read();
		const before = attachment.state;
		const at = performance.now();
		attachment.state = read && {read, at};
		const handOffs =
			read && before && handOffsPerSecond(before.read, read, (at - before.at) / 1000);
		return {
			...(read?.holderTid !== undefined && {holderTid: read.holderTid}),
			...(handOffs !== undefined && {handOffsPerSecond: handOffs}),
		};
	};

	return {
		observe(process, uses) {
			const {runtime} = process;
			if (runtime?.name !== 'cpython' || process.waitsRefused) {
				return undefined;
			}

			const attachment = attachmentOf(process);
			const state = readState(attachment);
			const found =
				waitersByWord(attachment, uses) ??
				(attachment.reader?.knowsGilWord ? undefined : waitersBySemaphore(attachment, uses));
			if (!found) {
				return undefined;
			}

			const {use, waiters} = found;
			return {
				...state,
				waiters: waiters.reduce((sum, {percent}) => sum + percent, 0) / 100,
				waiterTids: waiters.map(({tid}) => tid),
				lockId: futexLockId(use.address),
				region: waiters[0]?.wait.region ?? attachment.interpreter?.region ?? '',
			};
		},
	};
};

const asGil = ({holderNote: _, variant: __, ...lock}: Lock, {holderTid}: Gil): Lock => ({
	...lock,
	kind: 'gil',
	name: 'GIL',
	...(holderTid !== undefined && {holderTid}),
});

/** The locks with the one that is the GIL called so. */
export const nameGil = (locks: readonly Lock[], gil: Gil | undefined): readonly Lock[] =>
	gil === undefined ? locks : locks.map(lock => (lock.id === gil.lockId ? asGil(lock, gil) : lock));
