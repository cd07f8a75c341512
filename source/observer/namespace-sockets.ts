import {formatTcpAddress, parseTcpSockets} from '../procfs/net-tcp.js';
import {readText} from '../procfs/read-text.js';
import {parseSockstat} from '../procfs/sockstat.js';

/** Sockets of a process's network namespace whose packets are counted, by their inode. */
export type NamespaceSockets = {
	/** TCP and UDP, of either version of IP. */
	counted: ReadonlySet<number>;
	/** Of sockets that listen, and at which connections wait: how many, and where. */
	waiting: ReadonlyMap<number, {connections: number; address: string}>;
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
	const waiting = new Map<number, {connections: number; address: string}>();
	for (const file of files) {
		for (const socket of parseTcpSockets(readText(`${folder}/${file}`) ?? '')) {
			counted.add(socket.inode);
			if (socket.state === 'listen' && socket.receiveQueue > 0) {
				waiting.set(socket.inode, {
					connections: socket.receiveQueue,
					address: `${formatTcpAddress(socket.localAddress)}:${socket.localPort}`,
				});
			}
		}
	}

	return {counted, waiting};
};
