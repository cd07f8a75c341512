import {statSync} from 'node:fs';
import type {FullDescriptorTable, ProcessKernelWork, ReadySockets} from '../model/kernel-work.js';
import type {Reading} from '../model/reading.js';
import {parsePacketCount} from '../procfs/net-dev.js';
import {readLink} from '../procfs/read-link.js';
import {readText} from '../procfs/read-text.js';
import {ratePerSecond} from '../sampler/rates.js';
import {
	type NamespaceSockets,
	readNamespaceSockets,
	type WaitingConnections,
} from './namespace-sockets.js';
import {
	exhaustedLimit,
	listOpenFiles,
	lookAtOpenFiles,
	type OpenFiles,
	reachedLimit,
	socketInodesOf,
} from './open-files.js';

/** Follows what the system calls of one process leave behind. */
export type ProcessWork = {
	/** Once a second: all of it, with the sockets that were found to be ready. Null when the kernel refused it. */
	read(readySockets?: readonly ReadySockets[]): Reading<ProcessKernelWork>;
	/** Between two readings: whether it still has the same files open. */
	look(): void;
};

type Connections = NamespaceSockets['waiting'];
/** A listening socket: its inode, and what waits there. */
type Listening = [inode: number, WaitingConnections];

/** To look at each of so many takes about a millisecond. */
const mostFilesLookedAt = 100;
/** A service opens the sockets that it listens on first. */
const mostFilesSearched = 1024;
/** With more the network may be what a thread burns a whole CPU for, so that nothing is said of it: its sockets need not be known. */
const mostPacketsOfQuiet = 20_000;

const none: Connections = new Map();

export const followProcessWork = (procRoot: string, pid: number): ProcessWork => {
	const folder = `${procRoot}/${pid}`;
	let packets: {count: number; readAt: number} | undefined;
	let waitedBefore = none;
	/** Of sockets that are the same as before: for the kernel to go through its table takes some milliseconds, however few there are. */
	let known: {inodes: string; counted: ReadonlySet<number>} = {inodes: '', counted: new Set()};
	let fingerprint = '';
	let unchangedSince = 0;

	/** Undefined where they can't be read, or where there is no earlier reading. */
	const packetRate = (): number | undefined => {
		const text = readText(`${folder}/net/dev`);
		const before = packets;
		packets = text ? {count: parsePacketCount(text), readAt: performance.now()} : undefined;
		return before && packets
			? ratePerSecond(before.count, packets.count, (packets.readAt - before.readAt) / 1000)
			: undefined;
	};

	/** Looks at its open files; notes whether something is another than it was. */
	const lookAtAll = (descriptors: readonly number[]): OpenFiles => {
		const files = lookAtOpenFiles(folder, descriptors);
		const size = readText(`${folder}/statm`)?.split(' ', 1)[0] ?? '';
		const now = `${files.fingerprint}\n${readLink(`${folder}/cwd`) ?? ''}\n${size}`;
		if (now !== fingerprint) {
			fingerprint = now;
			unchangedSince = performance.now();
		}

		return files;
	};

	/** What of its own waits at sockets at which connections waited before as well; `ownAmong` says which of some are its own. */
	const waitingTwice = (
		waiting: Connections,
		ownAmong: (listening: readonly Listening[]) => readonly Listening[],
	): Pick<FullDescriptorTable, 'connectionCount' | 'listensOn'> | undefined => {
		const before = waitedBefore;
		waitedBefore = waiting;
		const both = [...waiting].filter(([inode]) => before.has(inode));
		const ownWaiting = both.length > 0 ? ownAmong(both) : [];
		let connectionCount = 0;
		for (const [inode, {connections}] of ownWaiting) {
			connectionCount += Math.min(connections, before.get(inode)!.connections);
		}

		return connectionCount > 0
			? {connectionCount, listensOn: ownWaiting.map(([, {address}]) => address)}
			: undefined;
	};

	/** Which of its open files leaves no trace. Of sockets those that are neither TCP nor UDP, and all where there are too many to tell. */
	const untraceableOf = (files: OpenFiles, counted: ReadonlySet<number>): string | undefined =>
		files.untraceable ??
		(files.socketInodes.every(inode => counted.has(inode))
			? undefined
			: 'socket that is neither TCP nor UDP');

	const describeFiles = ({socketInodes, epollFd}: OpenFiles) => ({
		unchangedSeconds: (performance.now() - unchangedSince) / 1000,
		socketCount: socketInodes.length,
		...(epollFd !== undefined && {epollFd}),
	});

	const amongOpen =
		(descriptors: readonly number[]) =>
		(listening: readonly Listening[]): readonly Listening[] => {
			const own = socketInodesOf(folder, descriptors.slice(0, mostFilesSearched));
			return listening.filter(([inode]) => own.has(inode));
		};

	const amongThoseOfUser = (listening: readonly Listening[]): readonly Listening[] => {
		const user = statSync(folder, {throwIfNoEntry: false})?.uid;
		return listening.filter(([, {userId}]) => userId === user);
	};

	/** Of a process whose files the kernel refuses to list: whether it has as many as it may have. Null where nothing tells so. */
	const readRefused = (): Reading<ProcessKernelWork> => {
		const openFilesLimit = reachedLimit(folder);
		const sockets = openFilesLimit === undefined ? undefined : readNamespaceSockets(procRoot, pid);
		const waiting = waitingTwice(sockets?.waiting ?? none, amongThoseOfUser);
		const packetsPerSecond = packetRate();
		return openFilesLimit !== undefined && waiting
			? {
					...(packetsPerSecond !== undefined && {packetsPerSecond}),
					descriptorCount: openFilesLimit,
					fullDescriptorTable: {openFilesLimit, ...waiting, isRefused: true},
				}
			: null;
	};

	const readListed = (
		descriptors: readonly number[],
		readySockets: readonly ReadySockets[],
	): ProcessKernelWork => {
		const packetsPerSecond = packetRate();
		const openFilesLimit = exhaustedLimit(folder, descriptors);
		const files = descriptors.length <= mostFilesLookedAt ? lookAtAll(descriptors) : undefined;
		const inodes = files?.socketInodes.join(' ') ?? '';
		const isQuiet = (packetsPerSecond ?? Infinity) <= mostPacketsOfQuiet;
		const isFull = openFilesLimit !== undefined;
		const hasNewSockets = inodes !== '' && inodes !== known.inodes;
		const sockets =
			isFull || (hasNewSockets && isQuiet) ? readNamespaceSockets(procRoot, pid) : undefined;
		if (sockets) {
			known = {inodes, counted: sockets.counted};
		}

		const waiting = waitingTwice(sockets?.waiting ?? none, amongOpen(descriptors));
		const untraceableDescriptor = files && untraceableOf(files, known.counted);
		return {
			...(packetsPerSecond !== undefined && {packetsPerSecond}),
			descriptorCount: descriptors.length,
			...(files && describeFiles(files)),
			...(untraceableDescriptor !== undefined && {untraceableDescriptor}),
			...(isFull && waiting && {fullDescriptorTable: {openFilesLimit, ...waiting}}),
			...(readySockets.length > 0 && {readySockets}),
		};
	};

	return {
		read(readySockets = []) {
			const descriptors = listOpenFiles(folder);
			if (!descriptors) {
				return descriptors === null ? readRefused() : undefined;
			}

			return readListed(descriptors, readySockets);
		},
		look() {
			const descriptors = listOpenFiles(folder);
			if (descriptors && descriptors.length <= mostFilesLookedAt) {
				lookAtAll(descriptors);
			}
		},
	};
};
