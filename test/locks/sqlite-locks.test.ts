import {expect, test} from 'vitest';
import {
	databaseOf,
	isNamedAsSqlite,
	isSqliteWriter,
	sleepsInSqlite,
} from '../../source/locks/sqlite-locks.js';
import {parseFileLocks} from '../../source/procfs/file-locks.js';

const isWriter = (line: string): boolean => parseFileLocks(`${line}\n`).some(isSqliteWriter);

test('the writer of a database has the byte that SQLite reserves for it, alone or with those beside it', () => {
	expect(isWriter('1: POSIX  ADVISORY  WRITE 708 fe:00:24 1073741825 1073741825')).toBe(true);
	expect(isWriter('1: POSIX  ADVISORY  WRITE 708 fe:00:24 1073741824 1073742335')).toBe(true);
	expect(isWriter('1: OFDLCK ADVISORY  WRITE -1 fe:00:24 1073741825 1073741825')).toBe(true);
	// Readers share the bytes behind it.
	expect(isWriter('2: POSIX  ADVISORY  READ 708 fe:00:24 1073741826 1073742335')).toBe(false);
	expect(isWriter('1: POSIX  ADVISORY  WRITE 708 fe:00:24 1073741826 1073742335')).toBe(false);
});

test('with a write-ahead log it has a byte of the shared memory beside it', () => {
	expect(isWriter('1: POSIX  ADVISORY  WRITE 708 fe:00:24 120 120')).toBe(true);
	expect(isWriter('1: POSIX  ADVISORY  READ 708 fe:00:24 123 123')).toBe(false);
	expect(isWriter('1: POSIX  ADVISORY  WRITE 708 fe:00:24 128 128')).toBe(false);
});

test('locks of whole files and of other programs are none of SQLite', () => {
	expect(isWriter('1: POSIX  ADVISORY  WRITE 708 fe:00:24 0 EOF')).toBe(false);
	expect(isWriter('1: FLOCK  ADVISORY  WRITE 708 fe:00:24 0 EOF')).toBe(false);
	expect(isWriter('1: POSIX  ADVISORY  WRITE 708 fe:00:24 120 EOF')).toBe(false);
	expect(isWriter('1: -> POSIX  ADVISORY  WRITE 708 fe:00:24 120 120')).toBe(false);
});

test('its files are known by their names, and belong to one database', () => {
	for (const path of ['/srv/shop.db', '/srv/shop.sqlite3', '/srv/shop-wal', '/srv/shop.db-shm']) {
		expect(isNamedAsSqlite(path)).toBe(true);
	}

	expect(isNamedAsSqlite('/srv/shop.dbx')).toBe(false);
	expect(isNamedAsSqlite('/var/log/journal')).toBe(false);
	expect(databaseOf('/srv/shop.db-shm')).toBe('/srv/shop.db');
});

test('a thread sleeps for a lock of the database where SQLite itself called sleep, and not what calls SQLite elsewhere', () => {
	const sleep = ['clock_nanosleep+0x23', 'nanosleep+0x13', 'usleep+0x45'];
	expect(sleepsInSqlite([...sleep, 'libsqlite3.so.0.8.6+0xaa1b5'])).toBe(true);
	expect(sleepsInSqlite([...sleep, 'unixSleep+0x1d', 'main+0x40'])).toBe(true);
	expect(sleepsInSqlite([...sleep, 'better_sqlite3.node+0x1234'])).toBe(true);
	const ofPython = ['clock_nanosleep+0x23', 'time_sleep+0x9a', 'cfunction_vectorcall_O+0x5b'];
	const evaluated = Array.from({length: 4}, () => '_PyEval_EvalFrameDefault+0x2e53');
	expect(sleepsInSqlite([...ofPython, ...evaluated, '_sqlite3.cpython-311.so+0x12'])).toBe(false);
	expect(sleepsInSqlite([])).toBe(false);
});
