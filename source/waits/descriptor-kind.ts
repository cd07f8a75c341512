import type {WatchedFile} from '../procfs/fdinfo.js';

/** Links that are asked for to tell kinds apart; an epoll instance may watch tens of thousands of files. */
const mostLinks = 256;

/** Key for those that there was no time to look at. */
export const notLookedAt = 'not looked at';
/** Key for files that are watched on although the number they were added by is no longer theirs. */
export const closedSince = 'closed since';

/** `[kind]` or `kind` behind `anon_inode:`, or the kind in front of a number: `pipe:[4711]`. */
const nameless = /^(?:anon_inode:\[?([\w-]+)\]?|(\w+):\[(\d+)\])$/;

/** What an open file is in one word, by where the kernel links it: `socket`, `pipe`, `eventfd`, `epoll`, `device`, `file`… */
export const descriptorKindWord = (link: string): string => {
	const [, anonymous, numbered] = nameless.exec(link) ?? [];
	const kind = anonymous ?? numbered;
	if (kind === undefined) {
		return link.startsWith('/dev/') ? 'device' : 'file';
	}

	return kind === 'eventpoll' ? 'epoll' : kind;
};

/** The number in `socket:[4711]`; undefined for what has none. */
export const linkedInode = (link: string): number | undefined => {
	const inode = nameless.exec(link)?.[3];
	return inode === undefined ? undefined : Number(inode);
};

/** Whether the descriptor that has the number now is of the file that is watched, as far as that can be told. */
export const isSameFile = (link: string, {inode}: WatchedFile): boolean => {
	const linked = linkedInode(link);
	return linked === undefined || inode === undefined || linked === inode;
};

/** Sockets and pipes have a device each of their own; what is nameless otherwise shares one. */
const hasOwnDevice = (kind: string): boolean => kind === 'socket' || kind === 'pipe';

/**
How many open files of which kind there are. Of a device whose files are all of one kind a single link is asked for; a file whose
number was given to another one, or to none, counts as `closedSince`.
*/
export const countKinds = (
	files: readonly WatchedFile[],
	linkOf: (fd: number) => string | undefined,
): Readonly<Record<string, number>> => {
	const counts: Record<string, number> = {};
	const kindOfDevice = new Map<string, string>();
	let asked = 0;
	const kindOf = (file: WatchedFile): string => {
		const known = file.device === undefined ? undefined : kindOfDevice.get(file.device);
		if (known !== undefined) {
			return known;
		}

		if (asked === mostLinks) {
			return notLookedAt;
		}

		asked++;
		const link = linkOf(file.fd);
		if (link === undefined || !isSameFile(link, file)) {
			return closedSince;
		}

		const kind = descriptorKindWord(link);
		if (file.device !== undefined && file.inode === linkedInode(link) && hasOwnDevice(kind)) {
			kindOfDevice.set(file.device, kind);
		}

		return kind;
	};

	for (const file of files) {
		const kind = kindOf(file);
		counts[kind] = (counts[kind] ?? 0) + 1;
	}

	return counts;
};
