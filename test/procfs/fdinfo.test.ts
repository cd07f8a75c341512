import {closeSync, constants, openSync, readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {parseDescriptorInfo, parseWatchedFiles} from '../../source/procfs/fdinfo.js';

test('an open file tells how it may be used, and where it lies', () => {
	const text = 'pos:\t0\nflags:\t02000001\nmnt_id:\t16\nino:\t7742531\n';
	expect(parseDescriptorInfo(text)).toEqual({access: 'write', mountId: 16, inode: 7_742_531});
	expect(parseDescriptorInfo('pos:\t0\nflags:\t0100000\nmnt_id:\t26\n')).toEqual({
		access: 'read',
		mountId: 26,
	});
	expect(parseDescriptorInfo('pos:\t0\nflags:\t02\n')).toEqual({access: 'both'});
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
		{fd: 5, inode: 0x76_24_43, device: 'f'},
		{fd: 12, inode: 2, device: '8'},
		{fd: 7},
	]);
	expect(parseWatchedFiles('pos:\t0\n')).toEqual([]);
});
