import {readdirSync} from 'node:fs';
import type {Reading} from '../model/reading.js';
import {parseLimits} from '../procfs/limits.js';
import {openFileCount} from '../procfs/open-file-count.js';
import {readLink} from '../procfs/read-link.js';
import {readText} from '../procfs/read-text.js';
import {refusedOrGone} from '../procfs/refused-or-gone.js';

/** Numbers of a process's open files; null when the kernel refused them, undefined when the process is gone. */
export const listOpenFiles = (folder: string): Reading<readonly number[]> => {
	try {
		return readdirSync(`${folder}/fd`).map(Number);
	} catch (error) {
		return refusedOrGone(error);
	}
};

const softLimitOf = (folder: string): number | undefined =>
	parseLimits(readText(`${folder}/limits`) ?? '').openFiles;

/**
The soft limit of open files, where no number below it is free; else undefined. To count them is not enough: a file may have been given a
higher number before the limit was lowered, and one of those free below is what the next file gets.
*/
export const exhaustedLimit = (
	folder: string,
	descriptors: readonly number[],
): number | undefined => {
	const limit = softLimitOf(folder);
	return limit !== undefined &&
		descriptors.length >= limit &&
		descriptors.filter(descriptor => descriptor < limit).length === limit
		? limit
		: undefined;
};

/** The same where the kernel refuses to list them, as far as their number tells. */
export const reachedLimit = (folder: string): number | undefined => {
	const limit = softLimitOf(folder);
	return limit !== undefined && (openFileCount(folder) ?? 0) >= limit ? limit : undefined;
};

/** Kinds without a name of their own, which wait or tell and move no data but by read(2) and write(2). */
const quietKinds = /^anon_inode:\[?(?:eventpoll|eventfd|timerfd|signalfd|inotify)\]?$/;
const quietDevices =
	/^\/dev\/(?:null|zero|full|u?random|tty\w*|console|pts\/\d+|shm\/.+)(?: \(deleted\))?$/;
/** What the link of an epoll instance says. */
export const eventPoll = 'anon_inode:[eventpoll]';
/** Right below the root lie few files, but queues of messages, which mq_overview(7) moves in calls of their own. */
const maybeQueue = /^\/[^/]+$/;
/** What is read from them and written to them goes through read(2) and write(2), whatever they are. */
const standardStreams: ReadonlySet<number> = new Set([0, 1, 2]);

/** The inode of `socket:[4711]`; undefined of another link. */
export const socketInodeIn = (link: string): number | undefined => {
	const inode = /^socket:\[(\d+)\]$/.exec(link)?.[1];
	return inode === undefined ? undefined : Number(inode);
};

/** Inodes of the sockets among these descriptors. */
export const socketInodesOf = (
	folder: string,
	descriptors: readonly number[],
): ReadonlySet<number> =>
	new Set(
		descriptors.flatMap(
			descriptor => socketInodeIn(readLink(`${folder}/fd/${descriptor}`) ?? '') ?? [],
		),
	);

/** What it is, where no counter that is read tells what goes through it; sockets aside. */
const untraceable = (link: string): string | undefined => {
	if (link.startsWith('/dev/')) {
		return quietDevices.test(link) ? undefined : link;
	}

	const isQuiet =
		link.startsWith('pipe:[') ||
		link.startsWith('socket:[') ||
		link.startsWith('/memfd:') ||
		link === '/' ||
		(link.startsWith('/') && !maybeQueue.test(link)) ||
		quietKinds.test(link);
	return isQuiet ? undefined : link;
};

export type OpenFiles = {
	/** The same text as long as the same files are open, at the same positions. */
	fingerprint: string;
	untraceable: string | undefined;
	/** An epoll instance among them. */
	epollFd: number | undefined;
	/** Those that work may go through. */
	socketInodes: readonly number[];
};

/** Position in the file and the file itself; the rest of the text is of its own kind, and some of that counts time. */
const positionOf = (text: string): string =>
	(text.match(/^(?:pos|ino):.*$/gm) ?? []).join(' ').replaceAll('\t', '');

/** Looks at each of them. Those that lead nowhere were closed meanwhile, which is a change too. */
export const lookAtOpenFiles = (folder: string, descriptors: readonly number[]): OpenFiles => {
	const parts: string[] = [];
	const socketInodes: number[] = [];
	let found: string | undefined;
	let epollFd: number | undefined;
	for (const descriptor of descriptors) {
		const link = readLink(`${folder}/fd/${descriptor}`) ?? '-';
		if (!standardStreams.has(descriptor)) {
			found ??= untraceable(link);
			const inode = socketInodeIn(link);
			if (inode !== undefined) {
				socketInodes.push(inode);
			}
		}

		if (link === eventPoll) {
			epollFd ??= descriptor;
		}

		const info = link.startsWith('/') ? readText(`${folder}/fdinfo/${descriptor}`) : undefined;
		parts.push(`${descriptor} ${link} ${positionOf(info ?? '')}`);
	}

	return {fingerprint: parts.join('\n'), untraceable: found, epollFd, socketInodes};
};
