import type {DescriptorAccess} from '../procfs/fdinfo.js';
import {parseDescriptorInfo} from '../procfs/fdinfo.js';
import {readLink} from '../procfs/read-link.js';
import {readText} from '../procfs/read-text.js';
import {
	addTcpSockets,
	addUdpSockets,
	addUnixSockets,
	createSocketTable,
	type SocketTable,
} from '../procfs/sockets.js';
import type {ProcessEntry} from '../sampler/task-entry.js';
import {linkedInode} from '../waits/descriptor-kind.js';
import {createDescriptorHolders, type HeldDescriptor, type Holders} from './descriptor-holders.js';

/** What an open file is, for people, and who is at its other end. */
export type NamedDescriptor = {
	/** `socket 127.0.0.1:8080 -> …`, `pipe from 4711 nginx`, a path. */
	text: string;
	/** Processes at its other end, as far as they were found. */
	pids: readonly number[];
	/** False while they are still looked for. */
	isFinal: boolean;
};

export type DescriptorNames = {
	/** Undefined when it's refused or gone. `isPipe`: it is known to be one, though it may have a path. */
	nameOf(process: ProcessEntry, fd: number, isPipe?: boolean): NamedDescriptor | undefined;
	/** As the kernel links it: `socket:[4711]`, a path. */
	linkOf(process: ProcessEntry, fd: number): string | undefined;
	/** To be called once a tick: who has what open is found little by little. */
	proceed(): void;
};

// Tables of sockets are long on a busy machine, and a new socket isn't in the one that was read before.
const millisecondsBetweenTables = 2000;
const millisecondsUntilAccepted = 10_000;
const namesShown = 2;
const millisecondsKept = 5000;
const namesKept = 1024;

const wordByAccess: Readonly<Record<DescriptorAccess, string>> = {
	read: 'from',
	write: 'to',
	both: 'with',
};

/** Why nobody is named at the other end; nothing while that is still looked for. */
const whyNobody = ({isComplete, refused, cutAfter}: Holders): string => {
	if (!isComplete) {
		return '';
	}

	if (cutAfter !== undefined) {
		return `, other end not among the ${cutAfter} descriptors looked at`;
	}

	return refused === 0
		? ', other end held by no process'
		: `, other end not seen: ${refused} ${refused === 1 ? 'process' : 'processes'} refused`;
};

export const createDescriptorNames = (
	procRoot: string,
	processes: ReadonlyMap<number, ProcessEntry>,
): DescriptorNames => {
	const holders = createDescriptorHolders(procRoot, processes);
	let table: {namespace: string; readAt: number; sockets: SocketTable} | undefined;

	const linkOf = ({pid}: ProcessEntry, fd: number): string | undefined =>
		readLink(`${procRoot}/${pid}/fd/${fd}`);

	const infoOf = ({pid, fd}: HeldDescriptor) =>
		parseDescriptorInfo(readText(`${procRoot}/${pid}/fdinfo/${fd}`) ?? '');

	/** Of the network namespace that the process is in. */
	const readTable = (pid: number): SocketTable => {
		const sockets = createSocketTable();
		const read = (file: string): string => readText(`${procRoot}/${pid}/net/${file}`) ?? '';
		addTcpSockets(sockets, [read('tcp'), read('tcp6')]);
		addUdpSockets(sockets, read('udp'));
		addUdpSockets(sockets, read('udp6'));
		addUnixSockets(sockets, read('unix'));
		return sockets;
	};

	const tableFor = (pid: number, inode: number): SocketTable => {
		const namespace = readLink(`${procRoot}/${pid}/ns/net`) ?? '';
		if (table?.namespace === namespace) {
			const {sockets, readAt} = table;
			const isWaiting = sockets.peers.get(inode) === 0;
			const isKnown = sockets.names.has(inode) && !isWaiting;
			const keptFor = isWaiting ? millisecondsUntilAccepted : millisecondsBetweenTables;
			if (isKnown || performance.now() - readAt < keptFor) {
				return sockets;
			}
		}

		table = {namespace, readAt: performance.now(), sockets: readTable(pid)};
		return table.sockets;
	};

	/** `812 nginx, 813 nginx and 3 more`; the process itself comes last. */
	const processList = (pids: readonly number[], own: number): string => {
		const others = pids.filter(pid => pid !== own);
		const names = others
			.slice(0, namesShown)
			.map(pid => `${pid} ${processes.get(pid)?.name ?? ''}`.trimEnd());
		const more = others.length - names.length;
		const itself = others.length < pids.length ? ['itself'] : [];
		return [...names, ...itself].join(', ') + (more > 0 ? ` and ${more} more` : '');
	};

	const pidsOf = (held: readonly HeldDescriptor[]): readonly number[] => [
		...new Set(held.map(({pid}) => pid)),
	];

	/** Those that can write to a pipe that this one reads from, or the other way round. */
	const pipeName = (process: ProcessEntry, fd: number, link: string): NamedDescriptor => {
		const own = infoOf({pid: process.pid, fd});
		const access = own?.access ?? 'both';
		const found = holders.of(link);
		const isOtherEnd = (held: HeldDescriptor): boolean => {
			const info = infoOf(held);
			// A path may lead to another pipe in another place.
			const isSame = info?.mountId === own?.mountId && info?.inode === own?.inode;
			const isSelf = held.pid === process.pid && held.fd === fd;
			return (
				info !== undefined && isSame && !isSelf && (access === 'both' || info.access !== access)
			);
		};
		const pids = pidsOf(found.held.filter(isOtherEnd));
		const name = link.startsWith('pipe:[') ? 'pipe' : `pipe ${link}`;
		return {
			text:
				pids.length > 0
					? `${name} ${wordByAccess[access]} ${processList(pids, process.pid)}`
					: name + whyNobody(found),
			pids,
			isFinal: found.isComplete,
		};
	};

	const socketName = (process: ProcessEntry, inode: number): NamedDescriptor => {
		const {names, peers} = tableFor(process.pid, inode);
		const name = names.get(inode);
		const text = name === undefined ? 'socket' : `socket ${name}`;
		const peer = peers.get(inode);
		if (peer === undefined) {
			return {text, pids: [], isFinal: true};
		}

		if (peer === 0) {
			return {text: `${text}, not accepted yet`, pids: [], isFinal: false};
		}

		const found = holders.of(`socket:[${peer}]`);
		const pids = pidsOf(found.held);
		return {
			text:
				pids.length > 0 ? `${text} of ${processList(pids, process.pid)}` : text + whyNobody(found),
			pids,
			isFinal: found.isComplete,
		};
	};

	const kept = new Map<string, {until: number; name: NamedDescriptor}>();

	/** Who has the other end is asked of each process that does, for a thread that reads all the time again and again. */
	const keeping = (key: string, find: () => NamedDescriptor): NamedDescriptor => {
		const now = performance.now();
		const known = kept.get(key);
		if (known && now < known.until) {
			return known.name;
		}

		const name = find();
		if (kept.size >= namesKept) {
			kept.clear();
		}

		if (name.isFinal) {
			kept.set(key, {until: now + millisecondsKept, name});
		}

		return name;
	};

	return {
		linkOf,
		proceed: holders.proceed,
		nameOf(process, fd, isPipe = false) {
			const link = linkOf(process, fd);
			if (link === undefined) {
				return undefined;
			}

			const key = `${process.pid} ${process.startTimeTicks} ${fd} ${link}`;
			if (link.startsWith('socket:[')) {
				return keeping(key, () => socketName(process, linkedInode(link) ?? 0));
			}

			if (link.startsWith('pipe:[') || (isPipe && link.startsWith('/'))) {
				return keeping(key, () => pipeName(process, fd, link));
			}

			// Other kinds have no names of their own: `anon_inode:[eventfd]`.
			return {text: link.replace(/^anon_inode:\[?(\w+)\]?$/, '$1'), pids: [], isFinal: true};
		},
	};
};
