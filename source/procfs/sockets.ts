import {formatTcpAddress, parseTcpSockets, type TcpSocket} from './net-tcp.js';

/** The sockets of one network namespace. */
export type SocketTable = {
	/** What each is, for people, by its inode. */
	names: Map<number, string>;
	/** Inode of the other end of a TCP connection whose ends are both here; 0: no process has accepted it yet. */
	peers: Map<number, number>;
};

export const createSocketTable = (): SocketTable => ({names: new Map(), peers: new Map()});

type Ends = {local: string; remote: string; inode: number; state: TcpSocket['state']};

const endsOf = (socket: TcpSocket): Ends => ({
	local: `${formatTcpAddress(socket.localAddress)}:${socket.localPort}`,
	remote: `${formatTcpAddress(socket.remoteAddress)}:${socket.remotePort}`,
	inode: socket.inode,
	state: socket.state,
});

/**
Adds /proc/net/tcp and tcp6, as in ss(8): `127.0.0.1:8080 -> 127.0.0.1:51234`, or `listens on *:8080`. A connection has one end in each
where one program asks for IPv4 and the other listens for both, so they are to be given together. A namespace has no two
connections between the same two ends: the one with both the other way round is the other end.
*/
export const addTcpSockets = ({names, peers}: SocketTable, texts: readonly string[]): void => {
	// What is closed on both sides has no process any more, and may be here twice: on a busy machine that is most of all.
	const all = texts.flatMap(text =>
		parseTcpSockets(text)
			.filter(({inode, state}) => inode !== 0 || state === 'established')
			.map(endsOf),
	);
	const connected = new Map<string, number>();
	for (const {local, remote, inode} of all) {
		connected.set(`${local} ${remote}`, inode);
	}

	for (const {local, remote, inode, state} of all) {
		if (inode === 0) {
			continue;
		}

		const isListening = state === 'listen';
		names.set(inode, isListening ? `listens on ${local}` : `${local} -> ${remote}`);
		const peer = isListening ? undefined : connected.get(`${remote} ${local}`);
		if (peer !== undefined) {
			peers.set(inode, peer);
		}
	}
};

/** /proc/net/udp and udp6 have the form of tcp; a socket that isn't connected has no remote address. */
export const addUdpSockets = ({names}: SocketTable, text: string): void => {
	for (const socket of parseTcpSockets(text)) {
		const {local, remote, inode} = endsOf(socket);
		names.set(inode, socket.remotePort === 0 ? `udp ${local}` : `udp ${local} -> ${remote}`);
	}
};

const unixLine = /^[\da-f]+: [\da-f]+ [\da-f]+ ([\da-f]+) [\da-f]+ [\da-f]+ +(\d+)(?: (.*))?$/gm;
/** __SO_ACCEPTCON, set on sockets that listen. */
const listens = 0x1_0000;

/** /proc/net/unix: one in a pair has no name; which one its peer is, it doesn't tell. See unix(7). */
export const addUnixSockets = ({names}: SocketTable, text: string): void => {
	for (const [, flags = '', inode, path = ''] of text.matchAll(unixLine)) {
		const isListening = (Number.parseInt(flags, 16) & listens) !== 0;
		names.set(
			Number(inode),
			`unix${isListening ? ' listens on' : ''}${path === '' ? '' : ` ${path}`}`,
		);
	}
};
