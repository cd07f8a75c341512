import {isKnown} from '../model/reading.js';
import type {Wait} from '../model/wait.js';
import {
	type DescriptorAccess,
	parseDescriptorInfo,
	parseEventId,
	parseTimerArmed,
	parseWatchedFiles,
	type WatchedFile,
} from '../procfs/fdinfo.js';
import {readLink} from '../procfs/read-link.js';
import {readText} from '../procfs/read-text.js';
import {parseCaughtSignals} from '../procfs/status.js';
import type {ProcessEntry, ThreadEntry} from '../sampler/task-entry.js';
import {syscallName} from '../waits/syscall-numbers.js';
import {waitedChild, waitedDescriptors} from '../waits/waited-descriptors.js';
import type {AddressSpaces} from './address-spaces.js';
import {mayKernelSignal} from './event-signallers.js';
import {eventKey, isEventKey, memoryKey} from './object-holders.js';
import type {WaitReader} from './wait-reader.js';

/** What the waits of a process's threads can be ended by, besides its own threads. */
export type WaitNeeds = {
	/** Things that other processes may have too, by their keys, and which access it takes to end the wait; `both` is any. */
	objects: ReadonlyMap<string, DescriptorAccess>;
	/** Processes that end their waits by ending. */
	pids: readonly number[];
};

export type WaitNeedsParts = {
	procRoot: string;
	architecture: string;
	spaces: AddressSpaces;
	waits: WaitReader;
	processes: ReadonlyMap<number, ProcessEntry>;
};

/** Programs that watch more wait for the network. */
const mostWatched = 64;
const deepestEpoll = 4;

const signal = {
	hangUp: 1,
	quit: 3,
	user1: 10,
	user2: 12,
	alarm: 14,
	terminate: 15,
	child: 17,
	io: 29,
} as const;
/** Those that the kernel sends at a time that was set, or when data comes. */
const ofClocks = [signal.alarm, signal.io];
/** Those that people and supervisors send to have something done. */
const ofPeople = [signal.hangUp, signal.quit, signal.user1, signal.user2, signal.terminate];

/** What ends the waits of a process that rests; undefined where somebody outside can, or may. It reads many files. */
export const createWaitNeeds = ({
	procRoot,
	architecture,
	spaces,
	waits,
	processes,
}: WaitNeedsParts): ((process: ProcessEntry) => WaitNeeds | undefined) => {
	const oppositeOf = {read: 'write', write: 'read', both: 'both'} as const;

	const childrenOf = ({pid}: ProcessEntry): readonly ProcessEntry[] =>
		[...processes.values()].filter(({parentPid, state}) => parentPid === pid && state !== 'Z');

	/** By timers of the kernel's that send signals; refused, it may have some. */
	const isTimed = (pid: number): boolean => {
		const timers = readText(`${procRoot}/${pid}/timers`);
		return timers !== undefined && timers !== '';
	};

	return process => {
		const {pid} = process;
		const objects = new Map<string, DescriptorAccess>();
		const pids = new Set<number>();
		const space = spaces.of(process);

		const need = (key: string, access: DescriptorAccess): true => {
			const before = objects.get(key);
			objects.set(key, before === undefined || before === access ? access : 'both');
			return true;
		};

		const infoOf = (fd: number): string => readText(`${procRoot}/${pid}/fdinfo/${fd}`) ?? '';

		const needEvent = (id: number | undefined): boolean =>
			id !== undefined && need(eventKey(id), 'both');

		const needPipe = (link: string, access: DescriptorAccess | undefined): boolean =>
			access !== undefined && need(link, oppositeOf[access]);

		const isInside = (fd: number, depth = 0, watched?: WatchedFile): boolean => {
			const link = readLink(`${procRoot}/${pid}/fd/${fd}`);
			if (link === undefined) {
				return false;
			}

			const info = infoOf(fd);
			const known = parseDescriptorInfo(info);
			// The number may be another file's by now.
			if (watched?.inode !== undefined && known?.inode !== watched.inode) {
				return false;
			}

			if (link.startsWith('pipe:[')) {
				return needPipe(link, known?.access);
			}

			switch (link) {
				case 'anon_inode:[eventfd]':
					return needEvent(parseEventId(info));
				case 'anon_inode:[timerfd]':
					return parseTimerArmed(info) === false;
				case 'anon_inode:[eventpoll]':
					return areInside(parseWatchedFiles(info), depth + 1);
				default:
					return false;
			}
		};

		const areInside = (files: readonly WatchedFile[], depth: number): boolean =>
			files.length <= mostWatched &&
			depth <= deepestEpoll &&
			files.every(file => isInside(file.fd, depth, file));

		/** A call of other words than it had when it was described is another wait. */
		const readCall = (entry: ThreadEntry, {call}: Wait) => {
			const line = waits.readSyscall(entry);
			return line?.state === 'blocked' && syscallName(architecture, line.number) === call
				? line
				: undefined;
		};

		const needChildren = (entry: ThreadEntry, wait: Wait): boolean => {
			const line = readCall(entry, wait);
			const children = childrenOf(process);
			const wanted = line && waitedChild(wait.call ?? '', line);
			const one = children.filter(child => child.pid === wanted);
			for (const child of one.length > 0 ? one : children) {
				pids.add(child.pid);
			}

			return line !== undefined && children.length > 0;
		};

		const needPolled = (entry: ThreadEntry, wait: Wait): boolean => {
			const line = readCall(entry, wait);
			const fds = line ? waitedDescriptors(wait.call ?? '', line, space.memory.read) : [];
			// Of none it waits for a signal.
			return fds.length > 0 && fds.length <= mostWatched && fds.every(fd => isInside(fd));
		};

		/** Memory of a name can be opened by anybody at any time. */
		const needMemory = (address: number): boolean => {
			const mapping = space.mappingOf(address);
			if (mapping === undefined) {
				return false;
			}

			return mapping.permissions.endsWith('p')
				? true
				: mapping.isDeleted &&
						!mapping.path.startsWith('/SYSV') &&
						need(memoryKey(mapping.device, mapping.inode), 'both');
		};

		const isFutex = ({kind}: Wait): boolean =>
			kind === 'futex' || kind === 'lock' || kind === 'join';

		const isThreadInside = (entry: ThreadEntry): boolean => {
			const {wait} = entry;
			if (!wait) {
				return false;
			}

			if (isFutex(wait)) {
				return (
					wait.futexShared !== true ||
					(wait.futexAddress !== undefined && needMemory(Number(wait.futexAddress)))
				);
			}

			if (wait.kind === 'child') {
				return needChildren(entry, wait);
			}

			return wait.kind === 'poll'
				? needPolled(entry, wait)
				: wait.fd !== undefined && isInside(wait.fd);
		};

		/**
		A first thread at an event loop, and any at poll, may wait there for a signal's handler to write; a thread alone may wait for one to post
		a semaphore.
		*/
		const awaitsSignals = (caught: ReadonlySet<number>): boolean => {
			const threads = [...process.threads.values()];
			const isOrdered = ({tid, wait}: ThreadEntry): boolean =>
				isKnown(wait) &&
				wait.kind !== 'child' &&
				(isFutex(wait) ? threads.length === 1 : tid === pid || wait.kind === 'poll');
			return ofPeople.some(each => caught.has(each)) && threads.some(isOrdered);
		};

		const areSignalsInside = (): boolean => {
			const caught = parseCaughtSignals(readText(`${procRoot}/${pid}/status`) ?? '');
			if (!caught || ofClocks.some(each => caught.has(each)) || awaitsSignals(caught)) {
				return false;
			}

			for (const child of caught.has(signal.child) ? childrenOf(process) : []) {
				pids.add(child.pid);
			}

			return !isTimed(pid);
		};

		const areEventsInside = (): boolean =>
			![...objects.keys()].some(isEventKey) || !mayKernelSignal(procRoot, pid);

		const isAll =
			[...process.threads.values()].every(isThreadInside) &&
			areSignalsInside() &&
			areEventsInside();
		return isAll ? {objects, pids: [...pids]} : undefined;
	};
};
