import {closeSync, constants, openSync, readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {
	isRingIdle,
	parseDescriptorInfo,
	parseEventId,
	parseTimerArmed,
	parseWatchedFiles,
} from '../../source/procfs/fdinfo.js';

test('an open file tells how it may be used, and where it lies', () => {
	const text = 'pos:\t0\nflags:\t02000001\nmnt_id:\t16\nino:\t7742531\n';
	expect(parseDescriptorInfo(text)).toEqual({
		access: 'write',
		closesOnExec: true,
		mountId: 16,
		inode: 7_742_531,
	});
	expect(parseDescriptorInfo('pos:\t0\nflags:\t0100000\nmnt_id:\t26\n')).toEqual({
		access: 'read',
		closesOnExec: false,
		mountId: 26,
	});
	expect(parseDescriptorInfo('pos:\t0\nflags:\t02\n')).toEqual({
		access: 'both',
		closesOnExec: false,
	});
	expect(parseDescriptorInfo('')).toBeUndefined();
	expect(parseDescriptorInfo('flags:\t03\n')).toBeUndefined();
});

test.each([
	['read', constants.O_RDONLY],
	['write', constants.O_WRONLY | constants.O_APPEND],
	['both', constants.O_RDWR | constants.O_NONBLOCK],
])('this kernel says of a file opened to %s that it is', (access, flags) => {
	const descriptor = openSync('/dev/null', flags);
	try {
		const text = readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8');
		expect(parseDescriptorInfo(text)).toMatchObject({access, mountId: expect.any(Number)});
	} finally {
		closeSync(descriptor);
	}
});

test('an epoll instance lists what it watches, by the file since Linux 4.13', () => {
	const text = `pos:\t0
flags:\t02
mnt_id:\t15
ino:\t2060
tfd:        5 events:       19 data:                5  pos:0 ino:762443 sdev:f
tfd:       12 events: 80000019 data:         10000000c  pos:0 ino:2 sdev:8
tfd:        7 events:       19 data: ffffffffffffffff
`;
	expect(parseWatchedFiles(text)).toEqual([
		{fd: 5, inode: 0x76_24_43, device: 'f', events: 0x19},
		{fd: 12, inode: 2, device: '8', events: 0x8000_0019},
		{fd: 7, events: 0x19},
	]);
	expect(parseWatchedFiles('pos:\t0\n')).toEqual([]);
});

test('an eventfd has a number of its own since Linux 5.2', () => {
	expect(parseEventId('flags:\t02\neventfd-count:                0\neventfd-id: 12\n')).toBe(12);
	expect(parseEventId('flags:\t02\neventfd-count:                0\n')).toBeUndefined();
});

test('a timerfd tells whether it will expire', () => {
	const armed = (value: string) => parseTimerArmed(`clockid: 1\nticks: 0\nit_value: ${value}\n`);
	expect(armed('(0, 0)')).toBe(false);
	expect(armed('(0, 49406829)')).toBe(true);
	expect(armed('(3, 0)')).toBe(true);
	expect(parseTimerArmed('flags:\t02\n')).toBeUndefined();
});

test('an io_uring is idle when all that was submitted is done and it polls nothing', () => {
	const ring = (submitted: number, done: number, polls = '') =>
		`SqHead:\t2\nSqTail:\t${submitted}\nCachedSqHead:\t2\nCqTail:\t${done}\nPollList:\n${polls}CqOverflowList:\n`;
	expect(isRingIdle(ring(2, 2))).toBe(true);
	expect(isRingIdle(ring(3, 2))).toBe(false);
	expect(isRingIdle(ring(2, 1))).toBe(false);
	expect(isRingIdle(ring(2, 2, '  op=6, task_works=0\n'))).toBe(false);
	expect(isRingIdle('flags:\t02\n')).toBe(false);
});
