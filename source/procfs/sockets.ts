import {formatTcpAddress, parseTcpSockets} from './net-tcp.js';

/** What a socket is, for people, by its inode. */
export type SocketNames = Map<number, string>;

/** As in ss(8): `127.0.0.1:8080 -> 127.0.0.1:51234`, or `listens on *:8080`. */
export const addTcpSockets = (names: SocketNames, text: string): void => {
	for (const socket of parseTcpSockets(text)) {
		const local = `${formatTcpAddress(socket.localAddress)}:${socket.localPort}`;
		const remote = `${formatTcpAddress(socket.remoteAddress)}:${socket.remotePort}`;
		names.set(
			socket.inode,
			socket.state === 'listen' ? `listens on ${local}` : `${local} -> ${remote}`,
		);
	}
};

/** /proc/net/udp has the form of tcp; a socket that isn't connected has no remote address. */
export const addUdpSockets = (names: SocketNames, text: string): void => {
	for (const socket of parseTcpSockets(text)) {
		const local = `udp ${formatTcpAddress(socket.localAddress)}:${socket.localPort}`;
		const remote = `${formatTcpAddress(socket.remoteAddress)}:${socket.remotePort}`;
		names.set(socket.inode, socket.remotePort === 0 ? local : `${local} -> ${remote}`);
	}
};

const unixLine = /^[\da-f]+: [\da-f]+ [\da-f]+ ([\da-f]+) [\da-f]+ [\da-f]+ +(\d+)(?: (.*))?$/gm;
/** __SO_ACCEPTCON, set on sockets that listen. */
const listens = 0x1_0000;

/** /proc/net/unix: one in a pair has no name; which one its peer is, it doesn't tell. See unix(7). */
export const addUnixSockets = (names: SocketNames, text: string): void => {
	for (const [, flags = '', inode, path = ''] of text.matchAll(unixLine)) {
		const isListening = (Number.parseInt(flags, 16) & listens) !== 0;
		names.set(
			Number(inode),
			`unix${isListening ? ' listens on' : ''}${path === '' ? '' : ` ${path}`}`,
		);
	}
};
