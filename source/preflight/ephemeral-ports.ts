import {countText} from '../model/count-text.js';
import {formatTcpAddress, type TcpSocket} from '../procfs/net-tcp.js';
import {above, measure, symptom} from './judge.js';
import type {SocketsReading} from './readers/sockets.js';
import {percent} from './words.js';

const watchPercent = 50;
const badPercent = 85;

/** Ports in use towards the one destination that has the most. */
export type PortUse = {destination: string; used: number};

/**
How many ports of the range each destination takes. connect(2) runs out (EADDRNOTAVAIL) when all are in use towards the same
address and port, time-wait included; the same port may serve another destination. Connections that came in share the one port of their
listener.
*/
export const portUse = (
	sockets: readonly TcpSocket[],
	range: {first: number; last: number},
): {inRange: number; most?: PortUse} => {
	const own = sockets.filter(
		({state, localPort}) =>
			state !== 'listen' && localPort >= range.first && localPort <= range.last,
	);
	const portsByDestination = new Map<string, Set<number>>();
	for (const {localAddress, localPort, remoteAddress, remotePort} of own) {
		const key = `${localAddress} ${remoteAddress} ${remotePort}`;
		const ports = portsByDestination.get(key) ?? new Set();
		ports.add(localPort);
		portsByDestination.set(key, ports);
	}

	const [key, ports] = [...portsByDestination].sort((a, b) => b[1].size - a[1].size)[0] ?? [];
	const [, remoteAddress, remotePort] = key?.split(' ') ?? [];
	return {
		inRange: new Set(own.map(({localPort}) => localPort)).size,
		...(ports &&
			remoteAddress && {
				most: {destination: `${formatTcpAddress(remoteAddress)}:${remotePort}`, used: ports.size},
			}),
	};
};

/** Judges how much of the range the busiest destination takes. */
export const judgePorts = ({sockets, portRange}: SocketsReading) => {
	if (!sockets || !portRange) {
		return {measurements: [], symptoms: [], details: []};
	}

	const size = portRange.last - portRange.first + 1;
	const {inRange, most} = portUse(sockets, portRange);
	const share = ((most?.used ?? 0) / size) * 100;
	const source = '/proc/net/tcp, net.ipv4.ip_local_port_range';
	const measurement = measure(
		'ephemeral ports used towards one destination',
		share,
		'%',
		source,
		above(watchPercent, badPercent),
	);
	const says = `${countText(most?.used ?? 0)} of ${countText(size)} ephemeral ports are taken towards ${most?.destination} (${percent(share)}): at all of them connect fails (EADDRNOTAVAIL)`;
	return {
		measurements: [measurement, measure('ephemeral ports in use', inRange, 'ports', source)],
		symptoms: symptom(measurement, says, [
			{
				what: 'keep connections open and use them again (keep-alive, a connection pool)',
				why: 'each connection that is closed from here holds its port for a minute in time-wait',
				command: `ss -tan | awk '{print $1}' | sort | uniq -c`,
			},
			{
				what: 'widen the range',
				why: 'gives room, not a cure',
				command: 'sysctl net.ipv4.ip_local_port_range',
			},
		]),
		details: [`ephemeral ports: ${countText(inRange)} of ${countText(size)} in use`],
	};
};
