import type {ReadySockets} from '../model/kernel-work.js';
import {type EpollWatch, epollBits, parseWatchedFiles} from '../procfs/fdinfo.js';
import {readLink} from '../procfs/read-link.js';
import {readText} from '../procfs/read-text.js';
import {type NamespaceSockets, readNamespaceSockets} from './namespace-sockets.js';
import {eventPoll, listOpenFiles, socketInodeIn} from './open-files.js';

/** Looks for sockets of one process that a wait for them comes back for at once, and follows how long they are so. */
export type ReadySocketsWatch = {
	/** What has been ready in all readings since `seconds`; 0 of what is so for the first time. Of most processes it looks once in some seconds. */
	read(): readonly ReadySockets[];
};

/** An event loop opens what it waits with first. To look at each of so many takes one or two milliseconds. */
const mostFilesSearched = 256;
const mostEpolls = 8;
/** The kernel holds the lock of the epoll instance while it prints them: a server with more is left in peace. */
const mostWatchedText = 262_144;
/** The kernel goes through its tables of connections for each search, which takes 10 ms, however few there are. */
const millisecondsBetween = {
	/** Where nothing was found. */
	searches: 5000,
	/** What was ready twice. */
	confirmations: 2400,
} as const;

type Sighting = Pick<ReadySockets, 'reason' | 'fd' | 'epollFd'> & {inode: number};

const none: readonly ReadySockets[] = [];
const readable = epollBits.in | epollBits.peerClosed;

/** Nothing needs to happen again for it to be told again. */
const isLevelTriggered = ({events}: EpollWatch): boolean =>
	(events & (epollBits.edgeTriggered | epollBits.oneShot)) === 0;

const reasonOf = (
	{events, inode = 0}: EpollWatch,
	{writable, closedByPeer}: NamespaceSockets,
): ReadySockets['reason'] | undefined => {
	if ((events & readable) !== 0 && closedByPeer.has(inode)) {
		return 'closed-by-peer';
	}

	return (events & epollBits.out) !== 0 && writable.has(inode) ? 'writable' : undefined;
};

const keyOf = ({reason, fd, epollFd, inode}: Sighting): string =>
	`${reason} ${epollFd ?? ''} ${fd} ${inode}`;

export const watchReadySockets = (procRoot: string, pid: number): ReadySocketsWatch => {
	const folder = `${procRoot}/${pid}`;
	let since: ReadonlyMap<string, number> = new Map();
	let lastRead = -Infinity;
	let last = none;

	const watchedBy = (epollFd: number): readonly EpollWatch[] => {
		const text = readText(`${folder}/fdinfo/${epollFd}`) ?? '';
		return text.length <= mostWatchedText ? parseWatchedFiles(text).filter(isLevelTriggered) : [];
	};

	const search = (): readonly Sighting[] => {
		const descriptors = listOpenFiles(folder)?.slice(0, mostFilesSearched) ?? [];
		const epolls: number[] = [];
		const own = new Map<number, number>();
		for (const fd of descriptors) {
			const link = readLink(`${folder}/fd/${fd}`) ?? '';
			const inode = socketInodeIn(link);
			if (inode !== undefined) {
				own.set(inode, fd);
			} else if (link === eventPoll && epolls.length < mostEpolls) {
				epolls.push(fd);
			}
		}

		// Without a socket among those it has none that it waits for, or too many.
		const sockets = own.size > 0 ? readNamespaceSockets(procRoot, pid) : undefined;
		if (!sockets || (sockets.closedByPeer.size === 0 && epolls.length === 0)) {
			return [];
		}

		const watched = epolls.flatMap(epollFd =>
			watchedBy(epollFd).flatMap((file): readonly Sighting[] => {
				const reason = reasonOf(file, sockets);
				return reason ? [{reason, fd: file.fd, epollFd, inode: file.inode!}] : [];
			}),
		);
		const inWatch = new Set(watched.map(({inode}) => inode));
		const unwatched = [...own].flatMap(([inode, fd]): readonly Sighting[] =>
			sockets.closedByPeer.has(inode) && !inWatch.has(inode)
				? [{reason: 'closed-by-peer', fd, inode}]
				: [],
		);
		return [...watched, ...unwatched];
	};

	/** Those of one reason and one epoll instance together; how long: the one that has been so for longest. */
	const told = (sightings: readonly Sighting[], now: number): readonly ReadySockets[] => {
		const groups = new Map<string, ReadySockets>();
		for (const sighting of sightings) {
			const {reason, fd, epollFd} = sighting;
			const key = `${reason} ${epollFd ?? ''}`;
			const seconds = (now - since.get(keyOf(sighting))!) / 1000;
			const before = groups.get(key);
			const isLongest = !before || seconds > before.seconds;
			groups.set(key, {
				reason,
				socketCount: (before?.socketCount ?? 0) + 1,
				fd: isLongest ? fd : before.fd,
				...(epollFd !== undefined && {epollFd}),
				seconds: isLongest ? seconds : before.seconds,
			});
		}

		return [...groups.values()];
	};

	/** How long what was found holds; what was found once is to be confirmed soon. */
	const millisecondsItHolds = (): number => {
		if (last.length === 0) {
			return millisecondsBetween.searches;
		}

		return last.some(({seconds}) => seconds > 0) ? millisecondsBetween.confirmations : 0;
	};

	return {
		read() {
			const now = performance.now();
			if (now - lastRead < millisecondsItHolds()) {
				return last;
			}

			lastRead = now;
			const sightings = search();
			since = new Map(
				sightings.map(sighting => {
					const key = keyOf(sighting);
					return [key, since.get(key) ?? now];
				}),
			);
			last = told(sightings, now);
			return last;
		},
	};
};
