import {execFile} from 'node:child_process';
import {join} from 'node:path';
import type {Reading} from '../../model/reading.js';
import {type NetCounters, parseNetCounters} from '../../procfs/net-counters.js';
import {readTcpSockets, type TcpSocket} from '../../procfs/net-tcp.js';
import {readText} from '../../procfs/read-text.js';
import {parseSockstat, type SocketCounts} from '../../procfs/sockstat.js';
import type {Place} from '../place.js';
import {parseReading} from './kernel.js';

export type SocketsReading = {
	atSeconds: number;
	counts: Reading<SocketCounts>;
	/** Missing where the machine has no IPv6. */
	counts6: Reading<SocketCounts>;
	counters: Reading<NetCounters>;
	sockets: Reading<readonly TcpSocket[]>;
	/** By inode: how many connections may wait for accept(2); empty where ss(8) isn't there to tell. */
	backlogs: ReadonlyMap<number, number>;
	portRange: Reading<{first: number; last: number}>;
	maximumTimeWait: Reading<number>;
	maximumOrphans: Reading<number>;
	/** Pages: under no pressure, under pressure, and the most that TCP may take. */
	tcpMemoryPages: Reading<readonly number[]>;
	conntrack: {used: Reading<number>; maximum: Reading<number>};
};

const numbers = (text: string): readonly number[] | undefined => {
	const values = text.trim().split(/\s+/).map(Number);
	return values.some(Number.isNaN) ? undefined : values;
};

const firstNumber = (text: string): number | undefined => numbers(text)?.[0];

const parsePortRange = (text: string) => {
	const [first, last] = numbers(text) ?? [];
	return first === undefined || last === undefined ? undefined : {first, last};
};

/** Parses `ss -ltneH`: the limit of a listening socket's queue stands where others have Send-Q. */
export const parseListenBacklogs = (text: string): ReadonlyMap<number, number> => {
	const backlogs = new Map<number, number>();
	for (const [, backlog, inode] of text.matchAll(/^LISTEN +\d+ +(\d+) .*\bino:(\d+)/gm)) {
		backlogs.set(Number(inode), Number(backlog));
	}

	return backlogs;
};

/** /proc doesn't tell how long an accept queue may grow: only netlink does, which ss(8) speaks. */
const readBacklogs = (place: Place): Promise<ReadonlyMap<number, number>> =>
	new Promise(resolve => {
		if (!place.own) {
			resolve(new Map());
			return;
		}

		execFile(
			'ss',
			['-ltneH'],
			{timeout: 1000, killSignal: 'SIGKILL', maxBuffer: 16 * 1024 * 1024},
			(error, output) => {
				resolve(error ? new Map() : parseListenBacklogs(output));
			},
		);
	});

const merge = (parts: readonly Reading<NetCounters>[]): Reading<NetCounters> => {
	const known = parts.filter(part => part !== null && part !== undefined);
	return known.length > 0 ? new Map(known.flatMap(part => [...part])) : parts[0];
};

const readTcp = (network: string): Reading<readonly TcpSocket[]> => {
	const four = readTcpSockets(join(network, 'tcp'));
	const six = readTcpSockets(join(network, 'tcp6'));
	return four ? [...four, ...(six ?? [])] : (four ?? six);
};

/** Reads the sockets of one network namespace: ctop's own, or that of init. */
export const readSockets = async (place: Place): Promise<SocketsReading> => {
	const network = join(place.viewpoint, 'net');
	const read = <Value>(path: string, parse: (text: string) => Value | undefined) =>
		parseReading(readText(path), parse);
	const setting = (name: string) => join(place.procRoot, 'sys', 'net', name);
	// The pipes to ss(8) are sockets too: what is counted is read before it runs.
	const reading = {
		atSeconds: performance.now() / 1000,
		counts: read(join(network, 'sockstat'), parseSockstat),
		counts6: read(join(network, 'sockstat6'), parseSockstat),
		counters: merge([
			read(join(network, 'snmp'), parseNetCounters),
			read(join(network, 'netstat'), parseNetCounters),
		]),
		sockets: readTcp(network),
		portRange: read(setting('ipv4/ip_local_port_range'), parsePortRange),
		maximumTimeWait: read(setting('ipv4/tcp_max_tw_buckets'), firstNumber),
		maximumOrphans: read(setting('ipv4/tcp_max_orphans'), firstNumber),
		tcpMemoryPages: read(setting('ipv4/tcp_mem'), numbers),
		conntrack: {
			used: read(setting('netfilter/nf_conntrack_count'), firstNumber),
			maximum: read(setting('netfilter/nf_conntrack_max'), firstNumber),
		},
	};
	return {...reading, backlogs: await readBacklogs(place)};
};
