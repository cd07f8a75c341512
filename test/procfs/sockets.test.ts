import {expect, test} from 'vitest';
import {
	addTcpSockets,
	addUdpSockets,
	addUnixSockets,
	type SocketNames,
} from '../../source/procfs/sockets.js';

const names = (add: (names: SocketNames, text: string) => void, text: string): SocketNames => {
	const found: SocketNames = new Map();
	add(found, text);
	return found;
};

test('a connection shows both ends, a listening socket its own', () => {
	const text = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1678 1 0 100 0 0 10 0
   1: 0100007F:1F90 0100007F:C843 01 00000000:00000000 00:00000000 00000000     0        0 1700 1 0 20 4 30 10 -1
`;
	expect(names(addTcpSockets, text)).toEqual(
		new Map([
			[1678, 'listens on *:8080'],
			[1700, '127.0.0.1:8080 -> 127.0.0.1:51267'],
		]),
	);
});

test('a datagram socket need not have a peer', () => {
	const text = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  512: 3500007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000   102        0 2001 2 0 0
  513: 0100007F:9C40 0100007F:0035 01 00000000:00000000 00:00000000 00000000   102        0 2002 2 0 0
`;
	expect(names(addUdpSockets, text)).toEqual(
		new Map([
			[2001, 'udp 127.0.0.53:53'],
			[2002, 'udp 127.0.0.1:40000 -> 127.0.0.1:53'],
		]),
	);
});

test('sockets of this machine have paths, also with blanks, or none', () => {
	const text = `Num       RefCount Protocol Flags    Type St Inode Path
0000000044bd368b: 00000002 00000000 00010000 0001 01 3088535 /run/my app/socket
00000000e58a4e61: 00000003 00000000 00000000 0001 03 3623721
00000000e58a4e62: 00000002 00000000 00010000 0001 01 44 @abstract
`;
	expect(names(addUnixSockets, text)).toEqual(
		new Map([
			[3_088_535, 'unix listens on /run/my app/socket'],
			[3_623_721, 'unix'],
			[44, 'unix listens on @abstract'],
		]),
	);
});
