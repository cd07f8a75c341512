import type {Wait} from '../model/wait.js';
import {readText} from '../procfs/read-text.js';
import type {ProcessEntry, ThreadEntry} from '../sampler/task-entry.js';
import {syscallName} from '../waits/syscall-numbers.js';
import {waitedChild, waitedDescriptors, watchedByEpoll} from '../waits/waited-descriptors.js';
import type {AddressSpaces} from './address-spaces.js';
import {createDescriptorNames} from './descriptor-names.js';
import type {OwnThreadIds} from './own-thread-ids.js';
import type {WaitReader} from './wait-reader.js';
import type {WorkBudget} from './work-budget.js';

/** Tells of threads in focus what they wait on: the socket with its peer, the pipe's other end, the file, the thread that they join. */
export type WaitTargets = {
	update(threads: Iterable<ThreadEntry>): void;
};

export type WaitTargetParts = {
	procRoot: string;
	architecture: string;
	spaces: AddressSpaces;
	waits: WaitReader;
	ids: OwnThreadIds;
	processes: ReadonlyMap<number, ProcessEntry>;
	budget: WorkBudget;
};

/** Of many descriptors the first ones are named. */
const namesShown = 3;

export const createWaitTargets = ({
	procRoot,
	architecture,
	spaces,
	waits,
	ids,
	processes,
	budget,
}: WaitTargetParts): WaitTargets => {
	const names = createDescriptorNames(procRoot, processes);
	// A thread that doesn't run waits on the same thing still.
	const done = new WeakMap<ThreadEntry, {slices: number; target: string | undefined}>();

	const list = (process: ProcessEntry, fds: readonly number[]): string | undefined => {
		const shown = fds
			.slice(0, namesShown)
			.map(fd => names.nameOf(process, fd))
			.filter(each => each !== undefined);
		const more = fds.length - shown.length;
		return shown.length === 0
			? undefined
			: shown.join(', ') + (more > 0 ? ` and ${more} more` : '');
	};

	const joined = ({process}: ThreadEntry, {joinedTid = 0}: Wait): string | undefined => {
		const tid = ids.tidOf(process, joinedTid);
		const thread = tid === undefined ? undefined : process.threads.get(tid);
		return thread && `thread ${thread.tid} ${thread.name}`;
	};

	const epollTarget = (process: ProcessEntry, fd: number): string | undefined => {
		const watched = watchedByEpoll(readText(`${procRoot}/${process.pid}/fdinfo/${fd}`) ?? '');
		return watched.length === 0 ? undefined : list(process, watched);
	};

	/** The child that a call names, or the only one there is; where any of some will do, how many they are. */
	const childTarget = (entry: ThreadEntry): string | undefined => {
		const {pid} = entry.process;
		const children = [...processes.values()].filter(({parentPid}) => parentPid === pid);
		const line = waits.readSyscall(entry);
		const call = line?.state === 'blocked' ? syscallName(architecture, line.number) : undefined;
		const wanted = line && call !== undefined ? waitedChild(call, line) : undefined;
		const child =
			children.find(each => each.pid === wanted) ??
			(children.length === 1 && wanted === undefined ? children[0] : undefined);
		if (child !== undefined) {
			return `child ${child.pid} ${child.name}`;
		}

		return children.length > 1 && wanted === undefined
			? `any of ${children.length} children`
			: undefined;
	};

	const targetOf = (entry: ThreadEntry, wait: Wait): string | undefined => {
		const {process} = entry;
		if (wait.kind === 'join') {
			return joined(entry, wait);
		}

		if (wait.kind === 'epoll' && wait.fd !== undefined) {
			return epollTarget(process, wait.fd);
		}

		if (wait.kind === 'child') {
			return childTarget(entry);
		}

		const line = waits.readSyscall(entry);
		const call = line?.state === 'blocked' ? syscallName(architecture, line.number) : undefined;
		return line && call !== undefined && call === wait.call
			? list(process, waitedDescriptors(call, line, spaces.of(process).memory.read))
			: undefined;
	};

	/** Calls that wait on descriptors or children, and joins; a sleep or a lock has no such target. */
	const mayHaveTarget = ({kind, fd, call}: Wait): boolean =>
		kind === 'join' ||
		kind === 'child' ||
		kind === 'epoll' ||
		fd !== undefined ||
		(kind === 'poll' && call !== undefined);

	const setTarget = (entry: ThreadEntry, wait: Wait, target: string | undefined): void => {
		if (target !== undefined && wait.target !== target) {
			entry.wait = {...wait, target};
			entry.dirty = true;
			entry.process.dirty = true;
		}
	};

	return {
		update(threads) {
			for (const entry of threads) {
				const {wait, slices, dead} = entry;
				if (!wait || dead || !mayHaveTarget(wait)) {
					continue;
				}

				const known = done.get(entry);
				if (known?.slices === slices) {
					setTarget(entry, wait, known.target);
				} else if (budget.mayBegin()) {
					const target = budget.spend(() => targetOf(entry, wait));
					done.set(entry, {slices, target});
					setTarget(entry, wait, target);
				}
			}
		},
	};
};
