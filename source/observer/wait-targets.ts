import type {Wait} from '../model/wait.js';
import {parseWatchedFiles, type WatchedFile} from '../procfs/fdinfo.js';
import {readText} from '../procfs/read-text.js';
import type {ProcessEntry, ThreadEntry} from '../sampler/task-entry.js';
import {countKinds, descriptorKindWord, isSameFile} from '../waits/descriptor-kind.js';
import {syscallName} from '../waits/syscall-numbers.js';
import {waitedChild, waitedDescriptors} from '../waits/waited-descriptors.js';
import type {AddressSpaces} from './address-spaces.js';
import {createDescriptorNames, type NamedDescriptor} from './descriptor-names.js';
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

/** Of many descriptors the first ones are named that have more of a name than what they are. */
const namesShown = 3;
const namesLookedFor = 16;
/** What an epoll instance watches changes little; the kernel stops its owner's calls on it while it tells, the longer the more there is. */
const shortestRest = 5000;
const restAfterReading = 100;

/** What is told of a wait. */
type Told = Pick<Wait, 'target' | 'peerPids' | 'watches'> & {
	/** Whether the same is true as long as the thread sleeps on. */
	isFinal: boolean;
};

const nothing: Told = {isFinal: true};

const toldOf = (target: string | undefined): Told =>
	target === undefined ? nothing : {target, isFinal: true};

const keyOf = ({target, peerPids, watches}: Omit<Told, 'isFinal'>): string =>
	JSON.stringify([target, peerPids, watches]);

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
	const done = new WeakMap<ThreadEntry, {slices: number; told: Told}>();
	const epolls = new WeakMap<ProcessEntry, Map<number, {until: number; told: Told}>>();

	const describeOne = (process: ProcessEntry, fd: number, isPipe: boolean): Told => {
		const name = names.nameOf(process, fd, isPipe);
		return name === undefined
			? nothing
			: {
					target: name.text,
					isFinal: name.isFinal,
					...(name.pids.length > 0 && {peerPids: name.pids}),
				};
	};

	/** Of several the first ones by name, and how many of which kind they are. */
	const describeAll = (process: ProcessEntry, files: readonly WatchedFile[]): Told => {
		const watches = countKinds(files, fd => names.linkOf(process, fd));
		const named: NamedDescriptor[] = [];
		// One that has no name yet may have one when its other end was found.
		let isFinal = true;
		for (const file of files.slice(0, namesLookedFor)) {
			const link = named.length < namesShown ? names.linkOf(process, file.fd) : undefined;
			const name =
				link !== undefined && isSameFile(link, file) ? names.nameOf(process, file.fd) : undefined;
			isFinal &&= name?.isFinal !== false;
			if (name !== undefined && link !== undefined && name.text !== descriptorKindWord(link)) {
				named.push(name);
			}
		}

		const more = files.length - named.length;
		const target = named.map(({text}) => text).join(', ') + (more > 0 ? ` and ${more} more` : '');
		return {
			watches,
			isFinal,
			...(named.length > 0 && {target}),
			...(files.length === 1 && named[0]?.pids.length && {peerPids: named[0].pids}),
		};
	};

	const joined = ({process}: ThreadEntry, {joinedTid = 0}: Wait): string | undefined => {
		const tid = ids.tidOf(process, joinedTid);
		const thread = tid === undefined ? undefined : process.threads.get(tid);
		return thread && `thread ${thread.tid} ${thread.name}`;
	};

	const readEpoll = (process: ProcessEntry, fd: number): Told => {
		const text = readText(`${procRoot}/${process.pid}/fdinfo/${fd}`);
		return text ? describeAll(process, parseWatchedFiles(text)) : nothing;
	};

	const describeEpoll = (process: ProcessEntry, fd: number): Told => {
		const ofProcess = epolls.get(process) ?? new Map<number, {until: number; told: Told}>();
		epolls.set(process, ofProcess);
		const began = performance.now();
		const known = ofProcess.get(fd);
		if (known && began < known.until) {
			return known.told;
		}

		const told = readEpoll(process, fd);
		const now = performance.now();
		const rest = Math.max(told.isFinal ? shortestRest : 0, (now - began) * restAfterReading);
		ofProcess.set(fd, {until: now + rest, told});
		return told;
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

	/** What the call itself was given to wait on, as long as the thread is still in it. */
	const describeCall = (entry: ThreadEntry, wait: Wait): Told => {
		const {process} = entry;
		const line = waits.readSyscall(entry);
		const call = line?.state === 'blocked' ? syscallName(architecture, line.number) : undefined;
		if (!line || call === undefined || call !== wait.call) {
			return nothing;
		}

		const fds = waitedDescriptors(call, line, spaces.of(process).memory.read);
		if (wait.kind === 'poll') {
			return fds.length === 0
				? nothing
				: describeAll(
						process,
						fds.map(fd => ({fd})),
					);
		}

		return fds[0] === undefined ? nothing : describeOne(process, fds[0], wait.kind === 'pipe');
	};

	const describe = (entry: ThreadEntry, wait: Wait): Told => {
		if (wait.kind === 'join') {
			return toldOf(joined(entry, wait));
		}

		if (wait.kind === 'child') {
			return toldOf(childTarget(entry));
		}

		return wait.kind === 'epoll' && wait.fd !== undefined
			? describeEpoll(entry.process, wait.fd)
			: describeCall(entry, wait);
	};

	/** Calls that wait on descriptors or children, and joins; a sleep or a lock has no such target. */
	const mayHaveTarget = ({kind, fd, call}: Wait): boolean =>
		kind === 'join' ||
		kind === 'child' ||
		kind === 'epoll' ||
		fd !== undefined ||
		(kind === 'poll' && call !== undefined);

	const tell = (entry: ThreadEntry, wait: Wait, {isFinal: _, ...told}: Told): void => {
		if (keyOf(wait) === keyOf(told)) {
			return;
		}

		const {target: __, peerPids: ___, watches: ____, ...bare} = wait;
		entry.wait = {...bare, ...told};
		entry.dirty = true;
		entry.process.dirty = true;
	};

	return {
		update(threads) {
			names.proceed();
			for (const entry of threads) {
				const {wait, slices, dead} = entry;
				if (!wait || dead || !mayHaveTarget(wait)) {
					continue;
				}

				const known = done.get(entry);
				if (known?.slices === slices && (known.told.isFinal || !budget.mayBegin())) {
					tell(entry, wait, known.told);
				} else if (budget.mayBegin()) {
					const told = budget.spend(() => describe(entry, wait));
					done.set(entry, {slices, told});
					tell(entry, wait, told);
				}
			}
		},
	};
};
