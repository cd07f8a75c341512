import type {SocketsReading} from './readers/sockets.js';

/** Numbers of `ss -s`, computed as it does. */
export type SocketTotals = {
	total: number;
	tcp: {total: number; established: number; closed: number; orphaned: number; timeWait: number};
	/** Rows of the table: in use over IPv4 and over IPv6. */
	transports: readonly {name: 'RAW' | 'UDP' | 'TCP' | 'FRAG'; ip: number; ip6: number}[];
};

/** Totals of one network namespace; undefined when its sockstat can't be read. */
export const socketTotals = ({
	counts,
	counts6,
	counters,
}: SocketsReading): SocketTotals | undefined => {
	if (!counts) {
		return undefined;
	}

	const four = (name: string): number => counts.get(name) ?? 0;
	const six = (name: string): number => counts6?.get(name) ?? 0;
	const timeWait = four('TCP.tw');
	return {
		total: four('sockets.used'),
		tcp: {
			total: four('TCP.alloc') + timeWait,
			established: counters?.get('Tcp.CurrEstab') ?? 0,
			closed: four('TCP.alloc') - (four('TCP.inuse') + six('TCP6.inuse') - timeWait),
			orphaned: four('TCP.orphan'),
			timeWait,
		},
		transports: [
			{name: 'RAW', ip: four('RAW.inuse'), ip6: six('RAW6.inuse')},
			{name: 'UDP', ip: four('UDP.inuse'), ip6: six('UDP6.inuse')},
			{name: 'TCP', ip: four('TCP.inuse'), ip6: six('TCP6.inuse')},
			{name: 'FRAG', ip: four('FRAG.inuse'), ip6: six('FRAG6.inuse')},
		],
	};
};
