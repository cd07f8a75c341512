/** Which way an open file may be used, by the mode that it was opened with. */
export type DescriptorAccess = 'read' | 'write' | 'both';

/** What /proc/PID/fdinfo/FD says of every open file; see proc_pid_fdinfo(5). */
export type DescriptorInfo = {
	access: DescriptorAccess;
	/** Whether exec(2) closes it. */
	closesOnExec: boolean;
	mountId?: number;
	/** Since Linux 5.14. */
	inode?: number;
};

/** O_ACCMODE of open(2), the same on every architecture. */
const accessMask = 0o3;
/** O_CLOEXEC, the same too. */
const closeOnExecBit = 0o2000000;
const accesses: readonly DescriptorAccess[] = ['read', 'write', 'both'];

const numberIn = (text: string, line: RegExp): number | undefined => {
	const value = line.exec(text)?.[1];
	return value === undefined ? undefined : Number(value);
};

/** Undefined for a text without a mode, such as an empty one. */
export const parseDescriptorInfo = (text: string): DescriptorInfo | undefined => {
	const flags = /^flags:\s*([0-7]+)$/m.exec(text)?.[1];
	const bits = flags === undefined ? undefined : Number.parseInt(flags, 8);
	const access = bits === undefined ? undefined : accesses[bits & accessMask];
	if (bits === undefined || access === undefined) {
		return undefined;
	}

	const mountId = numberIn(text, /^mnt_id:\s*(\d+)$/m);
	const inode = numberIn(text, /^ino:\s*(\d+)$/m);
	return {
		access,
		closesOnExec: (bits & closeOnExecBit) !== 0,
		...(mountId !== undefined && {mountId}),
		...(inode !== undefined && {inode}),
	};
};

/** One file that an epoll instance watches. */
export type WatchedFile = {
	/** The number that the descriptor had when it was added: by now it may be another file's, or nobody's. */
	fd: number;
	/** Of the file itself, since Linux 4.13. */
	inode?: number;
	/** Of the file itself, as the kernel prints it: tells sockets from pipes. Since Linux 4.13. */
	device?: string;
};

/** What an epoll instance watches a file for. */
export type EpollWatch = WatchedFile & {
	/** As in epoll_ctl(2). */
	events: number;
};

/** Bits of `events`; edge-triggered and one-shot watches tell a state once. */
export const epollBits = {
	in: 0x1,
	out: 0x4,
	peerClosed: 0x2000,
	/** EPOLLEXCLUSIVE: of several instances that watch a file one is woken, not all. */
	exclusive: 0x1000_0000,
	oneShot: 0x4000_0000,
	edgeTriggered: 0x8000_0000,
} as const;

const watchedLine =
	/^tfd:\s*(\d+) events:\s*([\da-f]+) data:\s*[\da-f]+(?:\s+pos:\S+ ino:([\da-f]+) sdev:([\da-f]+))?/gm;

/** Files that an epoll instance watches, from the fdinfo of its descriptor; see epoll(7). */
export const parseWatchedFiles = (text: string): readonly EpollWatch[] =>
	Array.from(text.matchAll(watchedLine), ([, fd, events, inode, device]) => ({
		fd: Number(fd),
		events: Number.parseInt(events!, 16),
		...(inode !== undefined && {inode: Number.parseInt(inode, 16)}),
		...(device !== undefined && {device}),
	}));

/** Which eventfd a descriptor is of: the same number in every process that has it. Undefined before Linux 5.2. */
export const parseEventId = (text: string): number | undefined =>
	numberIn(text, /^eventfd-id:\s*(\d+)$/m);

/** Whether a timerfd will expire; undefined where the kernel doesn't tell. See timerfd_create(2). */
export const parseTimerArmed = (text: string): boolean | undefined => {
	const value = /^it_value: \((\d+), (\d+)\)$/m.exec(text);
	return value === null ? undefined : Number(value[1]) > 0 || Number(value[2]) > 0;
};

/**
Whether an io_uring has nothing under way that could complete: all that was submitted is done, and it polls nothing. False where the
kernel doesn't tell; see io_uring(7).
*/
export const isRingIdle = (text: string): boolean => {
	const taken = numberIn(text, /^CachedSqHead:\s*(\d+)$/m);
	return (
		taken !== undefined &&
		taken === numberIn(text, /^SqTail:\s*(\d+)$/m) &&
		taken === numberIn(text, /^CqTail:\s*(\d+)$/m) &&
		/^PollList:\s*\nCqOverflowList:/m.test(text)
	);
};
