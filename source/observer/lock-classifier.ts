import {classifyWord} from '../locks/classify.js';
import type {LockFacts, WordContext, WordWait} from '../locks/lock-facts.js';
import {readWindow} from '../locks/memory-window.js';
import type {ProcessEntry, ThreadEntry} from '../sampler/task-entry.js';
import type {AddressSpaces} from './address-spaces.js';
import type {LockNames} from './lock-names.js';
import type {Holder} from './lock-word.js';
import type {OwnThreadIds} from './own-thread-ids.js';

/** Tells what a futex word of a process belongs to, and which thread an owner recorded in it is. */
export type LockClassifier = {
	classify(
		process: ProcessEntry,
		address: number,
		ways: readonly WordWait[],
		waiters: number,
	): LockFacts;
	/** By the id that the process itself knows it by; of words in shared memory also in other processes. */
	findHolder(
		process: ProcessEntry,
		ownTid: number,
		sharedId: string | undefined,
	): Holder | undefined;
};

export type LockClassifierParts = {
	pthreadTidOffset: number | undefined;
	spaces: AddressSpaces;
	names: LockNames;
	ids: OwnThreadIds;
	threads: ReadonlyMap<number, ThreadEntry>;
};

export const createLockClassifier = ({
	pthreadTidOffset,
	spaces,
	names,
	ids,
	threads,
}: LockClassifierParts): LockClassifier => {
	/** A thread of another process that has the same memory mapped. */
	const findElsewhere = (tid: number, sharedId: string | undefined): ThreadEntry | undefined => {
		const entry = sharedId === undefined ? undefined : threads.get(tid);
		const file = sharedId?.slice(0, sharedId.lastIndexOf('+'));
		const maps = entry && spaces.of(entry.process).mappings();
		return maps?.some(({device, inode}) => `${device}:${inode}` === file) ? entry : undefined;
	};

	const findHolder = (
		process: ProcessEntry,
		ownTid: number,
		sharedId: string | undefined,
	): Holder | undefined => {
		const tid = ids.tidOf(process, ownTid);
		if (tid !== undefined) {
			return {tid, pid: process.pid};
		}

		const elsewhere = findElsewhere(ownTid, sharedId);
		return elsewhere && {tid: elsewhere.tid, pid: elsewhere.process.pid};
	};

	return {
		findHolder,
		classify(process, address, ways, waiters) {
			const space = spaces.of(process);
			const sharedId = names.sharedId(process, ways[0]);
			const context: WordContext = {
				isThread: tid => ids.tidOf(process, tid) !== undefined,
				isAnyThread: tid => findHolder(process, tid, sharedId) !== undefined,
				threadCount: process.threads.size,
				waiters,
				readMemory: space.memory.read,
				pthreadTidOffset,
				isStatic: names.placeOf(process, address) !== undefined,
			};
			return classifyWord(
				ways,
				each => readWindow(space.memory.read, each, space.mappingOf(each)) ?? undefined,
				context,
			);
		},
	};
};
