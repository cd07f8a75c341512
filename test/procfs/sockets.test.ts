import {expect, test} from 'vitest';
import {
	addTcpSockets,
	addUdpSockets,
	addUnixSockets,
	createSocketTable,
	type SocketTable,
} from '../../source/procfs/sockets.js';

const tableOf = (add: (table: SocketTable) => void): SocketTable => {
	const table = createSocketTable();
	add(table);
	return table;
};

const tcpHead =
	'  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';

/** Lines of /proc/net/tcp and tcp6, as Linux 6.18 writes them. */
const tcpLine = (local: string, remote: string, state: string, inode: number): string =>
	`   0: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0000000000000000 20 4 30 10 -1`;

const tcp = (...lines: string[]): string => `${[tcpHead, ...lines].join('\n')}\n`;

const server = '0100007F:1F90';
const client = '0100007F:C843';
const any = '00000000:0000';

test('a connection shows both ends, a listening socket its own', () => {
	const text = tcp(
		tcpLine('00000000:1F90', any, '0A', 1678),
		tcpLine(server, client, '01', 1700),
		tcpLine('0200000A:9C40', '08080808:01BB', '01', 1800),
	);
	const {names, peers} = tableOf(table => addTcpSockets(table, [text]));
	expect(names).toEqual(
		new Map([
			[1678, 'listens on *:8080'],
			[1700, '127.0.0.1:8080 -> 127.0.0.1:51267'],
			[1800, '10.0.0.2:40000 -> 8.8.8.8:443'],
		]),
	);
	expect(peers).toEqual(new Map());
});

test('the two ends of a connection within the machine know each other', () => {
	const text = tcp(
		tcpLine('00000000:1F90', any, '0A', 1678),
		tcpLine(server, client, '01', 1700),
		tcpLine(client, server, '01', 1701),
		tcpLine('0100007F:C844', server, '01', 1702),
	);
	const {peers} = tableOf(table => addTcpSockets(table, [text]));
	expect(peers).toEqual(
		new Map([
			[1700, 1701],
			[1701, 1700],
		]),
	);
});

test('so do an IPv4 end and one of a program that listens for both', () => {
	const mapped = (address: string) => `0000000000000000FFFF0000${address}`;
	const four = tcp(tcpLine(client, server, '01', 1701));
	const six = tcp(tcpLine(mapped(server), mapped(client), '01', 1700));
	const {peers} = tableOf(table => addTcpSockets(table, [four, six]));
	expect(peers).toEqual(
		new Map([
			[1700, 1701],
			[1701, 1700],
		]),
	);
});

test('an end that was not accepted is told from one that was closed', () => {
	const waiting = tcp(tcpLine(client, server, '01', 1701), tcpLine(server, client, '01', 0));
	expect(tableOf(table => addTcpSockets(table, [waiting])).peers).toEqual(new Map([[1701, 0]]));
	const closed = tcp(tcpLine(client, server, '08', 1701), tcpLine(server, client, '05', 0));
	expect(tableOf(table => addTcpSockets(table, [closed])).peers).toEqual(new Map());
});

test('a datagram socket need not have a peer', () => {
	const text = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  512: 3500007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000   102        0 2001 2 0 0
  513: 0100007F:9C40 0100007F:0035 01 00000000:00000000 00:00000000 00000000   102        0 2002 2 0 0
`;
	expect(tableOf(table => addUdpSockets(table, text)).names).toEqual(
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
	expect(tableOf(table => addUnixSockets(table, text)).names).toEqual(
		new Map([
			[3_088_535, 'unix listens on /run/my app/socket'],
			[3_623_721, 'unix'],
			[44, 'unix listens on @abstract'],
		]),
	);
});
