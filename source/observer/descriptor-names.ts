import {readdirSync, readlinkSync} from 'node:fs';
import {pid as ownPid} from 'node:process';
import {readText} from '../procfs/read-text.js';
import {addTcpSockets, addUdpSockets, addUnixSockets, type SocketNames} from '../procfs/sockets.js';
import type {ProcessEntry} from '../sampler/task-entry.js';

/** What descriptors of processes are, for people. */
export type DescriptorNames = {
	/** `socket 127.0.0.1:8080 -> …`, `pipe to 4711 nginx`, a path; undefined when it's refused or gone. */
	nameOf(process: ProcessEntry, fd: number): string | undefined;
	/** As the kernel links it: `socket:[4711]`, a path. */
	linkOf(process: ProcessEntry, fd: number): string | undefined;
};

// Tables of sockets are long on a busy machine, and a new socket isn't in the one that was read before.
const millisecondsBetweenTables = 2000;
const descriptorsLookedAt = 256;
const processesLookedAt = 64;
// Who has the other end of a pipe is looked for in many folders, and hardly ever changes.
const millisecondsBetweenSearches = 15_000;
const searchesKept = 256;

const readLink = (path: string): string | undefined => {
	try {
		return readlinkSync(path);
	} catch {
		return undefined;
	}
};

const listDescriptors = (folder: string): readonly string[] => {
	try {
		return readdirSync(folder).slice(0, descriptorsLookedAt);
	} catch {
		return [];
	}
};

export const createDescriptorNames = (
	procRoot: string,
	processes: ReadonlyMap<number, ProcessEntry>,
): DescriptorNames => {
	const tables = new Map<string, {readAt: number; names: SocketNames}>();

	const linkOf = ({pid}: ProcessEntry, fd: number): string | undefined =>
		readLink(`${procRoot}/${pid}/fd/${fd}`);

	/** Of the network namespace that the process is in. */
	const readTable = (pid: number): SocketNames => {
		const names: SocketNames = new Map();
		const readers = [
			['tcp', addTcpSockets],
			['tcp6', addTcpSockets],
			['udp', addUdpSockets],
			['udp6', addUdpSockets],
			['unix', addUnixSockets],
		] as const;
		for (const [file, add] of readers) {
			add(names, readText(`${procRoot}/${pid}/net/${file}`) ?? '');
		}

		return names;
	};

	const socketName = ({pid}: ProcessEntry, inode: number): string => {
		const namespace = readLink(`${procRoot}/${pid}/ns/net`) ?? '';
		const known = tables.get(namespace);
		const isOld = !known || performance.now() - known.readAt > millisecondsBetweenTables;
		if (!known?.names.has(inode) && isOld) {
			tables.clear();
			tables.set(namespace, {readAt: performance.now(), names: readTable(pid)});
		}

		const name = tables.get(namespace)?.names.get(inode);
		return name === undefined ? 'socket' : `socket ${name}`;
	};

	/** Parent, children and siblings come first: pipes are inherited. */
	const relatives = function* (process: ProcessEntry): Generator<ProcessEntry> {
		for (const each of processes.values()) {
			const isRelated =
				each.pid === process.parentPid ||
				each.parentPid === process.pid ||
				(each.parentPid === process.parentPid && process.parentPid > 1);
			// Of our own descriptors nearly all are held on threads' files, thousands of them.
			const isCandidate = each.pid !== process.pid && each.pid !== ownPid && !each.kernelThread;
			if (isRelated && isCandidate) {
				yield each;
			}
		}
	};

	const searches = new Map<string, {at: number; end: ProcessEntry | undefined}>();

	const otherEnd = (process: ProcessEntry, link: string): ProcessEntry | undefined => {
		const known = searches.get(link);
		if (known && performance.now() - known.at < millisecondsBetweenSearches) {
			return known.end;
		}

		if (searches.size >= searchesKept) {
			searches.clear();
		}

		const end = searchOtherEnd(process, link);
		searches.set(link, {at: performance.now(), end});
		return end;
	};

	const searchOtherEnd = (process: ProcessEntry, link: string): ProcessEntry | undefined => {
		let looked = 0;
		for (const each of relatives(process)) {
			if (++looked > processesLookedAt) {
				return undefined;
			}

			const folder = `${procRoot}/${each.pid}/fd`;
			if (listDescriptors(folder).some(fd => readLink(`${folder}/${fd}`) === link)) {
				return each;
			}
		}

		return undefined;
	};

	return {
		linkOf,
		nameOf(process, fd) {
			const link = linkOf(process, fd);
			const socket = /^socket:\[(\d+)\]$/.exec(link ?? '')?.[1];
			if (socket !== undefined) {
				return socketName(process, Number(socket));
			}

			if (link?.startsWith('pipe:[')) {
				const end = otherEnd(process, link);
				return end ? `pipe to ${end.pid} ${end.name}` : 'pipe';
			}

			// Other kinds have no names of their own: `anon_inode:[eventfd]`.
			return link?.replace(/^anon_inode:\[?(\w+)\]?$/, '$1');
		},
	};
};
