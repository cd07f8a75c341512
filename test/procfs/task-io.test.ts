import {expect, test} from 'vitest';
import {parsePacketCount} from '../../source/procfs/net-dev.js';
import {parseTaskIo} from '../../source/procfs/task-io.js';

test('calls and bytes of a task are told apart', () => {
	const text =
		'rchar: 4292\nwchar: 17\nsyscr: 1300\nsyscw: 3\nread_bytes: 8192\nwrite_bytes: 0\ncancelled_write_bytes: 0\n';
	expect(parseTaskIo(text)).toEqual({readBytes: 4292, writtenBytes: 17, reads: 1300, writes: 3});
});

test('a text without the counters of calls is none', () => {
	expect(parseTaskIo('')).toBeUndefined();
	expect(parseTaskIo('rchar: 1\nwchar: 2\n')).toBeUndefined();
});

test('packets of all interfaces are added up, those received and those sent', () => {
	const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 9000 70 0 0 0 0 0 0 9000 70 0 0 0 0 0 0
eth0.5:123456 300 1 2 3 4 5 6 654321 4000 0 0 0 0 0 0
`;
	expect(parsePacketCount(text)).toBe(70 + 70 + 300 + 4000);
});
