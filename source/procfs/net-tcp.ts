import type {Reading} from '../model/reading.js';
import {readLines} from './read-text.js';

/** TCP states by the kernel's number (include/net/tcp_states.h), in the words of ss(8). */
const states = [
	'unknown',
	'established',
	'syn-sent',
	'syn-received',
	'fin-wait-1',
	'fin-wait-2',
	'time-wait',
	'close',
	'close-wait',
	'last-ack',
	'listen',
	'closing',
	'syn-received',
] as const;

export type TcpState = (typeof states)[number];

/** One socket of /proc/net/tcp or tcp6. */
export type TcpSocket = {
	/** Addresses as the kernel writes them, in hexadecimal of its own byte order. */
	localAddress: string;
	localPort: number;
	remoteAddress: string;
	remotePort: number;
	state: TcpState;
	/** Bytes to send. */
	sendQueue: number;
	/** Bytes to receive; of a listening socket: connections that wait for accept(2). */
	receiveQueue: number;
	userId: number;
	/** 0 when no process holds it any more. */
	inode: number;
};

const line =
	/^ *\d+: ([\dA-F]+):([\dA-F]{4}) ([\dA-F]+):([\dA-F]{4}) ([\dA-F]{2}) ([\dA-F]+):([\dA-F]+) [\dA-F]+:[\dA-F]+ [\dA-F]+ +(\d+) +\d+ (\d+)/gm;

/**
Parses /proc/net/tcp and tcp6, see the kernel's proc_net_tcp.rst. `addressOf` may give the same text for the same address, of which there
are few.
*/
export const parseTcpSockets = (
	text: string,
	addressOf: (address: string) => string = address => address,
): readonly TcpSocket[] =>
	Array.from(text.matchAll(line), fields => ({
		localAddress: addressOf(fields[1]!),
		localPort: Number.parseInt(fields[2]!, 16),
		remoteAddress: addressOf(fields[3]!),
		remotePort: Number.parseInt(fields[4]!, 16),
		state: states[Number.parseInt(fields[5]!, 16)] ?? 'unknown',
		sendQueue: Number.parseInt(fields[6]!, 16),
		receiveQueue: Number.parseInt(fields[7]!, 16),
		userId: Number(fields[8]),
		inode: Number(fields[9]),
	}));

/** Reads and parses such a file, of which a busy machine has megabytes: null when the kernel refused it, undefined where it isn't there. */
export const readTcpSockets = (path: string): Reading<readonly TcpSocket[]> => {
	const addresses = new Map<string, string>();
	const addressOf = (address: string): string => {
		const known = addresses.get(address);
		if (known === undefined) {
			addresses.set(address, address);
		}

		return known ?? address;
	};

	const sockets: TcpSocket[] = [];
	const read = readLines(path, lines => {
		for (const socket of parseTcpSockets(lines, addressOf)) {
			sockets.push(socket);
		}
	});
	return read && sockets;
};

/** The bytes of an address as the kernel printed it: 32-bit words, of a little-endian machine as nearly all are. */
const addressBytes = (hexadecimal: string): readonly number[] =>
	(hexadecimal.match(/.{8}/g) ?? []).flatMap(word =>
		word
			.match(/../g)!
			.map(pair => Number.parseInt(pair, 16))
			.reverse(),
	);

/** An address of /proc/net/tcp for people: `127.0.0.1`, `[::1]`, and `*` for any. */
export const formatTcpAddress = (hexadecimal: string): string => {
	if (/^0+$/.test(hexadecimal)) {
		return '*';
	}

	const bytes = addressBytes(hexadecimal);
	const mapped = bytes.length === 16 && /^(0,){10}255,255,/.test(bytes.join(','));
	if (bytes.length === 4 || mapped) {
		return bytes.slice(-4).join('.');
	}

	const groups = Array.from({length: 8}, (_, index) =>
		(((bytes[index * 2] ?? 0) << 8) | (bytes[index * 2 + 1] ?? 0)).toString(16),
	);
	const zeros = /(?:^|:)0(?::0)+(?:$|:)/;
	return `[${groups.join(':').replace(zeros, '::')}]`;
};
