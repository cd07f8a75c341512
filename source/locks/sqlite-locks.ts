import type {FileLockLine} from '../procfs/file-locks.js';

/**
What SQLite's locks look like from outside. It asks for them without waiting in the kernel, and where somebody else has one its busy handler
sleeps (1 to 100 ms; a second where it was built without usleep) and asks again: see "File Locking And Concurrency" and "WAL-mode File
Format" at sqlite.org.
*/
export const longestSleepMilliseconds = 1000;

/** RESERVED_BYTE of a database, which its one writer has, beside others that may be listed as one range with it. */
const reservedByte = 0x40_00_00_01;
/** WAL_WRITE_LOCK, in the file whose name ends in `-shm`. */
const walWriteByte = 120;
const lastWalByte = 127;

const kinds: ReadonlySet<string> = new Set(['POSIX', 'OFDLCK']);

/** Whether it is the lock of a database's writer. */
export const isSqliteWriter = ({kind, access, isWaiting, range}: FileLockLine): boolean => {
	const [first = 0, last = 0] = range.split('-').map(Number);
	return (
		kinds.has(kind) &&
		access === 'write' &&
		!isWaiting &&
		((first <= reservedByte && last >= reservedByte && first >= reservedByte - 1) ||
			(first === walWriteByte && last <= lastWalByte))
	);
};

/** Whether a file's name says that it is a database of SQLite, or belongs to one. */
export const isNamedAsSqlite = (path: string): boolean =>
	/\.(?:db|db3|sdb|s3db|sqlite[23]?)$|-(?:wal|shm|journal)$/i.test(path);

/** The database that a file belongs to. */
export const databaseOf = (path: string): string => path.replace(/-(?:wal|shm|journal)$/, '');

/** The call that sleeps and libc's functions around it, and then the library or what is known of its functions. */
const framesOfSleep = 6;

/** Whether a thread that sleeps does so inside of SQLite, which it does for a lock alone; its stack, innermost first. */
export const sleepsInSqlite = (stack: readonly string[]): boolean =>
	stack.slice(0, framesOfSleep).some(frame => /sqlite|^unixSleep\b/i.test(frame));
