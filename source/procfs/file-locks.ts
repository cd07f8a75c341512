/** One line of /proc/locks, see proc_locks(5). */
export type FileLockLine = {
	/** Lines of one number are one lock and those who wait for it. */
	number: number;
	isWaiting: boolean;
	/** `POSIX`, `FLOCK`, `OFDLCK`, `LEASE`… */
	kind: string;
	access: 'read' | 'write';
	/** -1: of an open file description, or of a process that can't be seen from here (0). */
	pid: number;
	/** `major:minor:inode`, the first two in hexadecimal. */
	file: string;
	/** `0-EOF`. */
	range: string;
};

// Who waits for one that waits itself stands below it, further to the right.
const line =
	/^(\d+): +(-> )?(\w+) +\w+ +(READ|WRITE|UNLCK|RW) +(-?\d+) ([\da-f]+:[\da-f]+:\d+) (\d+) (\d+|EOF)$/gm;

/** Lines that aren't understood, such as those of delegations without a file, are left out. */
export const parseFileLocks = (text: string): readonly FileLockLine[] =>
	Array.from(text.matchAll(line), fields => ({
		number: Number(fields[1]),
		isWaiting: fields[2] !== undefined,
		kind: fields[3]!,
		access: fields[4] === 'READ' ? 'read' : 'write',
		pid: Number(fields[5]),
		file: fields[6]!,
		range: `${fields[7]}-${fields[8]}`,
	}));

/** Locks that an open file has, from /proc/PID/fdinfo/FD, where each of the lines above stands behind `lock:`; see proc_pid_fdinfo(5). */
export const parseHeldLocks = (text: string): readonly FileLockLine[] =>
	text.includes('lock:') ? parseFileLocks(text.replaceAll(/^lock:\s*/gm, '')) : [];
