import {formatTcpAddress, readTcpSockets} from '../procfs/net-tcp.js';
import {readText} from '../procfs/read-text.js';
import {parseSockstat} from '../procfs/sockstat.js';

/** What waits to be accepted at a listening socket: how many, where, and whose socket it is. */
export type WaitingConnections = {connections: number; address: string; userId: number};

/** Sockets of a process's network namespace whose packets are counted, by their inode. */
export type NamespaceSockets = {
	/** TCP and UDP, of either version of IP. */
	counted: ReadonlySet<number>;
	/** Of sockets that listen those at which connections wait. */
	waiting: ReadonlyMap<number, WaitingConnections>;
	/** Connected, and with nothing under way that was sent before: they take more at once. */
	writable: ReadonlySet<number>;
	/** TCP connections that the other side has closed, and this one has not: a read gives 0 bytes at once, whenever it is tried. */
	closedByPeer: ReadonlySet<number>;
};

/** The kernel goes through all of them for each reading: of more that takes tens of milliseconds. */
const mostSockets = 10_000;
const files = ['tcp', 'tcp6', 'udp', 'udp6'] as const;

/** Undefined where there are too many, or they can't be read. */
export const readNamespaceSockets = (
	procRoot: string,
	pid: number,
): NamespaceSockets | undefined => {
	const folder = `${procRoot}/${pid}/net`;
	const counts = readText(`${folder}/sockstat`);
	const used = counts ? parseSockstat(counts).get('sockets.used') : undefined;
	if (used === undefined || used > mostSockets) {
		return undefined;
	}

	const counted = new Set<number>();
	const waiting = new Map<number, WaitingConnections>();
	const writable = new Set<number>();
	const closedByPeer = new Set<number>();
	for (const file of files) {
		for (const socket of readTcpSockets(`${folder}/${file}`) ?? []) {
			counted.add(socket.inode);
			if (socket.state === 'listen' && socket.receiveQueue > 0) {
				waiting.set(socket.inode, {
					connections: socket.receiveQueue,
					address: `${formatTcpAddress(socket.localAddress)}:${socket.localPort}`,
					userId: socket.userId,
				});
			}

			const isClosedByPeer = socket.state === 'close-wait';
			if (isClosedByPeer) {
				closedByPeer.add(socket.inode);
			}

			if ((isClosedByPeer || socket.state === 'established') && socket.sendQueue === 0) {
				writable.add(socket.inode);
			}
		}
	}

	return {counted, waiting, writable, closedByPeer};
};
