import {expect, test} from 'vitest';
import {fileLocks, firstOfSharers} from '../../source/locks/file-locks.js';
import {type FileLockLine, parseFileLocks, parseHeldLocks} from '../../source/procfs/file-locks.js';

const text = `1: FLOCK  ADVISORY  WRITE 8289 fe:00:2171319 0 EOF
1: -> FLOCK  ADVISORY  WRITE 8290 fe:00:2171319 0 EOF
1: -> FLOCK  ADVISORY  READ  8291 fe:00:2171319 0 EOF
2: POSIX  ADVISORY  READ  77 103:02:9 1073741826 1073742335
3: OFDLCK ADVISORY  WRITE -1 00:2f:15 0 99
3: -> POSIX  ADVISORY  WRITE 80 00:2f:15 0 99
4: LEASE  ACTIVE    READ 5 <none>:0 0 EOF
`;

const names = {
	pathOf: (pid: number, inode: number) =>
		pid === 8291 && inode === 2_171_319 ? '/var/lib/app/lock' : undefined,
	holderOf: ({pid}: FileLockLine) => (pid > 0 ? pid : undefined),
	processName: (pid: number) => (pid === 8289 ? 'backup' : undefined),
};

test('a lock with waiters names its holder, its file and those who wait', () => {
	expect(fileLocks(parseFileLocks(text), names)).toEqual([
		{
			kind: 'FLOCK',
			access: 'write',
			file: 'fe:00:2171319',
			path: '/var/lib/app/lock',
			holderPid: 8289,
			holderName: 'backup',
			waiterPids: [8290, 8291],
			range: '0-EOF',
		},
		{kind: 'OFDLCK', access: 'write', file: '00:2f:15', waiterPids: [80], range: '0-99'},
	]);
});

test('those who wait behind others that wait stand further to the right, and are told too', () => {
	// As Linux 6.18 writes it.
	const behind = `1: FLOCK  ADVISORY  WRITE 4183 fe:00:2310856 0 EOF
1: -> FLOCK  ADVISORY  WRITE 4224 fe:00:2310856 0 EOF
1:  -> FLOCK  ADVISORY  WRITE 4225 fe:00:2310856 0 EOF
1:   -> FLOCK  ADVISORY  WRITE 4226 fe:00:2310856 0 EOF
`;
	expect(fileLocks(parseFileLocks(behind), names)).toMatchObject([
		{holderPid: 4183, waiterPids: [4224, 4225, 4226]},
	]);
});

test('every line of a file is read, and one without a file left out', () => {
	const lines = parseFileLocks(text);
	expect(lines).toHaveLength(6);
	expect(lines[3]).toEqual({
		number: 2,
		isWaiting: false,
		kind: 'POSIX',
		access: 'read',
		pid: 77,
		file: '103:02:9',
		range: '1073741826-1073742335',
	});
	expect(parseFileLocks('nonsense\n')).toEqual([]);
});

test('locks that nobody waits for are not told', () => {
	expect(fileLocks(parseFileLocks(text.split('\n')[3]!), names)).toEqual([]);
});

test('of a lock whose taker has ended it is told who has the open file now', () => {
	const [lock] = fileLocks(parseFileLocks(text), {
		...names,
		holderOf: ({pid}, path) => (pid === 8289 && path === '/var/lib/app/lock' ? 8000 : undefined),
		processName: pid => (pid === 8000 ? 'nightly.sh' : undefined),
	});
	expect(lock).toMatchObject({holderPid: 8000, holderName: 'nightly.sh'});
});

test('of those who share an open file the first one is that from which the others have it', () => {
	const parents = new Map([
		[30, 20],
		[20, 10],
		[10, 1],
	]);
	const parentOf = (pid: number) => parents.get(pid);
	expect(firstOfSharers([30, 20, 10], parentOf)).toBe(10);
	expect(firstOfSharers([30, 20], parentOf)).toBe(20);
	expect(firstOfSharers([], parentOf)).toBeUndefined();
});

test('locks of an open file stand in what the kernel tells of its descriptor, the taker 0 where it is out of sight', () => {
	const info = 'pos:\t0\nflags:\t0100001\nmnt_id:\t30\nino:\t77\n';
	expect(parseHeldLocks(`${info}lock:\t1: FLOCK  ADVISORY  WRITE 0 fe:00:77 0 EOF\n`)).toEqual([
		{
			number: 1,
			isWaiting: false,
			kind: 'FLOCK',
			access: 'write',
			pid: 0,
			file: 'fe:00:77',
			range: '0-EOF',
		},
	]);
	expect(parseHeldLocks(info)).toEqual([]);
});
