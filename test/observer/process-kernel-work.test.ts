import {mkdirSync, mkdtempSync, rmSync, symlinkSync, unlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {followProcessWork} from '../../source/observer/process-kernel-work.js';

const pid = 42;
let root: string;
const at = (...names: readonly string[]) => path.join(root, String(pid), ...names);

const open = (descriptor: number, link: string, position = 0): void => {
	symlinkSync(link, at('fd', String(descriptor)));
	writeFileSync(at('fdinfo', String(descriptor)), `pos:\t${position}\nflags:\t02\nino:\t9\n`);
};

const setLimit = (limit: number): void => {
	writeFileSync(at('limits'), `Max open files            ${limit}                 4096    files\n`);
};

/** A socket that listens at 127.0.0.1:8080, at which so many connections wait. */
const setListener = (inode: number, waiting: number): void => {
	const queue = waiting.toString(16).toUpperCase().padStart(8, '0');
	writeFileSync(
		at('net/tcp'),
		`  sl  local_address rem_address   st tx_queue rx_queue\n   0: 0100007F:1F90 00000000:0000 0A 00000000:${queue} 00:00000000 00000000     0        0 ${inode} 1 0\n`,
	);
};

const setPackets = (count: number): void => {
	writeFileSync(at('net/dev'), `    lo: 1 ${count} 0 0 0 0 0 0 1 0 0 0 0 0 0 0\n`);
};

beforeEach(() => {
	root = mkdtempSync(path.join(tmpdir(), 'ctop-work-'));
	for (const folder of ['fd', 'fdinfo', 'net']) {
		mkdirSync(at(folder), {recursive: true});
	}

	symlinkSync('/', at('cwd'));
	writeFileSync(at('statm'), '500 20 1 1 0 1 0\n');
	writeFileSync(at('net/sockstat'), 'sockets: used 7\nTCP: inuse 1\n');
	setLimit(1024);
	setListener(77, 0);
	setPackets(0);
	open(0, '/dev/null');
});

afterEach(() => {
	rmSync(root, {recursive: true});
});

describe('a table of descriptors', () => {
	const full = () => {
		const work = followProcessWork(root, pid);
		work.read();
		return work.read()?.fullDescriptorTable;
	};

	beforeEach(() => {
		open(1, '/dev/null');
		open(2, 'socket:[77]');
		setListener(77, 12);
		setLimit(3);
	});

	test('is full where no number below the limit is free and connections wait at an own socket', () => {
		expect(full()).toEqual({
			openFilesLimit: 3,
			connectionCount: 12,
			listensOn: ['127.0.0.1:8080'],
		});
	});

	test('is not full where as many are open as may be, but a low number is free', () => {
		unlinkSync(at('fd', '1'));
		open(9, '/dev/null');
		expect(full()).toBeUndefined();
	});

	test('is not told where nobody waits, or somebody waits at the socket of another process', () => {
		setListener(77, 0);
		expect(full()).toBeUndefined();
		setListener(78, 12);
		expect(full()).toBeUndefined();
	});

	test('is not told after one reading, nor where somebody waited at one of two only', () => {
		const work = followProcessWork(root, pid);
		expect(work.read()?.fullDescriptorTable).toBeUndefined();
		setListener(77, 0);
		expect(work.read()?.fullDescriptorTable).toBeUndefined();
	});
});

describe('how long nothing has changed', () => {
	const isUnchanged = (change: () => void): boolean => {
		const work = followProcessWork(root, pid);
		const before = Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
		work.read();
		Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 30);
		change();
		work.look();
		return before === 'timed-out' && (work.read()?.unchangedSeconds ?? 0) >= 0.03;
	};

	test('begins anew with a file that is opened, a position, and the size of memory', () => {
		open(5, '/var/log/one', 10);
		expect(isUnchanged(() => undefined)).toBe(true);
		expect(isUnchanged(() => open(6, '/var/log/two'))).toBe(false);
		expect(isUnchanged(() => writeFileSync(at('fdinfo', '5'), 'pos:\t11\nino:\t9\n'))).toBe(false);
		expect(isUnchanged(() => writeFileSync(at('statm'), '600 20 1 1 0 1 0\n'))).toBe(false);
	});

	test('is not told of a process with too many open files', () => {
		for (let descriptor = 3; descriptor < 130; descriptor++) {
			open(descriptor, '/dev/null');
		}

		expect(followProcessWork(root, pid).read()).not.toHaveProperty('unchangedSeconds');
	});
});

describe('open files whose traffic is not counted', () => {
	const untraceable = (link: string, descriptor = 5) => {
		open(descriptor, link);
		const work = followProcessWork(root, pid);
		work.read();
		return work.read()?.untraceableDescriptor;
	};

	test.each(['/dev/kvm', '/queue', 'anon_inode:[perf_event]', 'socket:[78]'])('are %s', link => {
		expect(untraceable(link)).toBeTypeOf('string');
	});

	test.each([
		'/dev/null',
		'/dev/pts/3',
		'/var/log/messages',
		'pipe:[5]',
		'anon_inode:[eventpoll]',
		'socket:[77]',
	])('are not %s', link => {
		expect(untraceable(link)).toBeUndefined();
	});

	test('are looked for in the tables of sockets again when there are others only', () => {
		open(5, 'socket:[77]');
		const work = followProcessWork(root, pid);
		work.read();
		work.read();
		setListener(78, 0);
		expect(work.read()).not.toHaveProperty('untraceableDescriptor');
		open(6, 'socket:[79]');
		expect(work.read()).toHaveProperty('untraceableDescriptor');
	});

	test('are not the standard streams, such as what a service writes its log to', () => {
		expect(untraceable('socket:[78]', 2)).toBeUndefined();
	});
});

test('packets of the network are counted between two readings', () => {
	const work = followProcessWork(root, pid);
	expect(work.read()).not.toHaveProperty('packetsPerSecond');
	setPackets(1000);
	expect(work.read()?.packetsPerSecond).toBeGreaterThan(1000);
});

test('an epoll instance among the open files is told', () => {
	open(5, 'pipe:[5]');
	expect(followProcessWork(root, pid).read()).not.toHaveProperty('epollFd');
	open(6, 'anon_inode:[eventpoll]');
	expect(followProcessWork(root, pid).read()?.epollFd).toBe(6);
});
