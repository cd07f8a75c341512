import {mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, expect, test, vi} from 'vitest';
import {watchReadySockets} from '../../source/observer/ready-sockets.js';

const pid = 42;
const epollFd = 4;
const inode = 0x77;
let root: string;
const at = (...names: readonly string[]) => path.join(root, String(pid), ...names);

const established = '01';
const closeWait = '08';

const setConnection = (state: string, sendQueue = 0): void => {
	const queue = sendQueue.toString(16).padStart(8, '0').toUpperCase();
	writeFileSync(
		at('net/tcp'),
		`  sl  local_address\n   0: 0100007F:1F90 0100007F:C001 ${state} ${queue}:00000000 00:00000000 00000000     0        0 ${inode} 1 0\n`,
	);
};

const setEvents = (events: string): void => {
	const line = `tfd:        7 events: ${events.padStart(8)} data:  7  pos:0 ino:${inode.toString(16)} sdev:9\n`;
	writeFileSync(at('fdinfo', String(epollFd)), `pos:\t0\nflags:\t02\n${line}`);
};

beforeEach(() => {
	vi.useFakeTimers({toFake: ['performance']});
	root = mkdtempSync(path.join(tmpdir(), 'ctop-ready-'));
	for (const folder of ['fd', 'fdinfo', 'net']) {
		mkdirSync(at(folder), {recursive: true});
	}

	writeFileSync(at('net/sockstat'), 'sockets: used 7\nTCP: inuse 1\n');
	symlinkSync('anon_inode:[eventpoll]', at('fd', String(epollFd)));
	symlinkSync(`socket:[${inode}]`, at('fd', '7'));
	setConnection(established);
	setEvents('1d');
});

afterEach(() => {
	vi.useRealTimers();
	rmSync(root, {recursive: true});
});

test('a socket that is watched for being writable, with nothing to send, is ready for as long as it is so', () => {
	const sockets = watchReadySockets(root, pid);
	const ready = {reason: 'writable', socketCount: 1, fd: 7, epollFd};
	expect(sockets.read()).toEqual([{...ready, seconds: 0}]);
	vi.advanceTimersByTime(1000);
	expect(sockets.read()).toEqual([{...ready, seconds: 1}]);
	setConnection(established, 5000);
	vi.advanceTimersByTime(3000);
	expect(sockets.read()).toEqual([]);
});

test('what the peer has closed is ready for who watches it for input', () => {
	setConnection(closeWait);
	setEvents('2019');
	expect(watchReadySockets(root, pid).read()).toEqual([
		{reason: 'closed-by-peer', socketCount: 1, fd: 7, epollFd, seconds: 0},
	]);
});

test('what the peer has closed is told without an epoll instance where none is told of it again', () => {
	setConnection(closeWait);
	setEvents('80002019');
	expect(watchReadySockets(root, pid).read()).toEqual([
		{reason: 'closed-by-peer', socketCount: 1, fd: 7, seconds: 0},
	]);
});

test.each([
	['only for input', '19'],
	['edge-triggered', '8000001d'],
	['one-shot', '4000001d'],
])('a connection is not ready that is watched %s', (_, events) => {
	setEvents(events);
	expect(watchReadySockets(root, pid).read()).toEqual([]);
});

test('where none was found it looks again after some seconds only', () => {
	setEvents('19');
	const sockets = watchReadySockets(root, pid);
	expect(sockets.read()).toEqual([]);
	setEvents('1d');
	vi.advanceTimersByTime(4000);
	expect(sockets.read()).toEqual([]);
	vi.advanceTimersByTime(2000);
	expect(sockets.read()).toHaveLength(1);
});
