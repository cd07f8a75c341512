import type {FullDescriptorTable, ProcessKernelWork} from '../model/kernel-work.js';
import type {Reading} from '../model/reading.js';
import {parsePacketCount} from '../procfs/net-dev.js';
import {readLink} from '../procfs/read-link.js';
import {readText} from '../procfs/read-text.js';
import {ratePerSecond} from '../sampler/rates.js';
import {type NamespaceSockets, readNamespaceSockets} from './namespace-sockets.js';
import {exhaustedLimit, listOpenFiles, lookAtOpenFiles, socketInodesOf} from './open-files.js';

/** Follows what the system calls of one process leave behind. */
export type ProcessWork = {
	/** Once a second: all of it. Null when the kernel refused it. */
	read(): Reading<ProcessKernelWork>;
	/** Between two readings: whether it still has the same files open. */
	look(): void;
};

type Connections = NamespaceSockets['waiting'];

/** To look at each of so many takes about a millisecond. */
const mostFilesLookedAt = 100;
/** A service opens the sockets that it listens on first. */
const mostFilesSearched = 1024;

const nothing: NamespaceSockets = {counted: new Set(), waiting: new Map()};

export const followProcessWork = (procRoot: string, pid: number): ProcessWork => {
	const folder = `${procRoot}/${pid}`;
	let sockets = nothing;
	let packets: {count: number; readAt: number} | undefined;
	let waitedBefore: Connections = new Map();
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

	/** What is untraceable among its open files; notes whether something is another than it was. */
	const lookAtAll = (descriptors: readonly number[]): string | undefined => {
		const files = lookAtOpenFiles(folder, descriptors, sockets.counted);
		const size = readText(`${folder}/statm`)?.split(' ', 1)[0] ?? '';
		const now = `${files.fingerprint}\n${readLink(`${folder}/cwd`) ?? ''}\n${size}`;
		if (now !== fingerprint) {
			fingerprint = now;
			unchangedSince = performance.now();
		}

		return files.untraceable;
	};

	const fullTable = (descriptors: readonly number[]): FullDescriptorTable | undefined => {
		const before = waitedBefore;
		waitedBefore = sockets.waiting;
		const both = [...sockets.waiting].filter(([inode]) => before.has(inode));
		const openFilesLimit = both.length > 0 ? exhaustedLimit(folder, descriptors) : undefined;
		if (openFilesLimit === undefined) {
			return undefined;
		}

		const own = socketInodesOf(folder, descriptors.slice(0, mostFilesSearched));
		const ownWaiting = both.filter(([inode]) => own.has(inode));
		return ownWaiting.length > 0
			? {
					openFilesLimit,
					waitingConnections: ownWaiting.reduce(
						(sum, [inode, {connections}]) =>
							sum + Math.min(connections, before.get(inode)!.connections),
						0,
					),
					listensOn: ownWaiting.map(([, {address}]) => address),
				}
			: undefined;
	};

	return {
		read() {
			const descriptors = listOpenFiles(folder);
			if (!descriptors) {
				return descriptors;
			}

			sockets = readNamespaceSockets(procRoot, pid) ?? nothing;
			const packetsPerSecond = packetRate();
			const fullDescriptorTable = fullTable(descriptors);
			const isLookedAt = descriptors.length <= mostFilesLookedAt;
			const untraceableDescriptor = isLookedAt ? lookAtAll(descriptors) : undefined;
			return {
				...(packetsPerSecond !== undefined && {packetsPerSecond}),
				descriptorCount: descriptors.length,
				...(isLookedAt && {unchangedSeconds: (performance.now() - unchangedSince) / 1000}),
				...(untraceableDescriptor !== undefined && {untraceableDescriptor}),
				...(fullDescriptorTable && {fullDescriptorTable}),
			};
		},
		look() {
			const descriptors = listOpenFiles(folder);
			if (descriptors && descriptors.length <= mostFilesLookedAt) {
				lookAtAll(descriptors);
			}
		},
	};
};
