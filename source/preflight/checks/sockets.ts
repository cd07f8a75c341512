import {countText} from '../../model/count-text.js';
import type {Check} from '../../model/preflight.js';
import {judgePorts} from '../ephemeral-ports.js';
import {above, makeCheck, measure, symptom} from '../judge.js';
import {judgeListenQueues} from '../listen-queues.js';
import type {SocketOwner} from '../readers/descriptors.js';
import type {SocketsReading} from '../readers/sockets.js';
import {socketTotals} from '../socket-totals.js';
import {growth, type Span} from '../span.js';
import {percent, plural, table} from '../words.js';

const retransmitWatchPercent = 1;
const retransmitBadPercent = 5;
/** A share of fewer segments than this says nothing. */
const leastSegments = 100;
const closeWaitWatch = 100;

const shareOf = (used: number | null | undefined, maximum: number | null | undefined) =>
	typeof used === 'number' && maximum ? (used / maximum) * 100 : undefined;

const judgeShare = (
	what: string,
	used: number | null | undefined,
	maximum: number | null | undefined,
	source: string,
	[watch, bad]: readonly [number, number],
	consequence: string,
) => {
	const share = shareOf(used, maximum);
	if (share === undefined) {
		return {measurements: [], symptoms: []};
	}

	const measurement = measure(`${what}, of the limit`, share, '%', source, above(watch, bad));
	const says = `${what}: ${countText(used ?? 0)} of ${countText(maximum ?? 0)} (${percent(share)}): ${consequence}`;
	return {measurements: [measurement], symptoms: symptom(measurement, says)};
};

const judgeTables = (last: SocketsReading) => [
	judgeShare(
		'connections in time-wait',
		last.counts?.get('TCP.tw'),
		last.maximumTimeWait,
		'/proc/net/sockstat, net.ipv4.tcp_max_tw_buckets',
		[50, 90],
		'over the limit they are closed at once, and late segments meet new connections',
	),
	judgeShare(
		'orphaned connections',
		last.counts?.get('TCP.orphan'),
		last.maximumOrphans,
		'/proc/net/sockstat, net.ipv4.tcp_max_orphans',
		// tcp_check_oom() counts an orphan up to four times, so trouble begins at a quarter of the limit.
		[25, 90],
		'over the limit the kernel resets them',
	),
	judgeShare(
		'pages of memory for TCP',
		last.counts?.get('TCP.mem'),
		last.tcpMemoryPages?.[2],
		'/proc/net/sockstat, net.ipv4.tcp_mem',
		[75, 95],
		'at the limit segments are dropped and connections reset',
	),
	judgeShare(
		'connections tracked (conntrack)',
		last.conntrack.used,
		last.conntrack.maximum,
		'/proc/sys/net/netfilter/nf_conntrack_count',
		[80, 95],
		'when the table is full new connections are dropped without a word',
	),
];

const judgeRetransmits = ({first, last, seconds}: Span<SocketsReading>) => {
	const grown = (name: string) => growth(first.counters?.get(name), last.counters?.get(name));
	const sent = grown('Tcp.OutSegs');
	const again = grown('Tcp.RetransSegs');
	const enough = seconds > 0 && sent !== undefined && again !== undefined && sent >= leastSegments;
	const share = enough ? (again / sent) * 100 : undefined;
	const measurement = measure(
		'TCP segments sent again, while watched',
		share,
		'%',
		'/proc/net/snmp RetransSegs, OutSegs',
		enough ? above(retransmitWatchPercent, retransmitBadPercent) : undefined,
	);
	return {
		measurements: [
			measurement,
			measure('TCP segments sent, while watched', sent, 'segments', '/proc/net/snmp OutSegs'),
		],
		symptoms: symptom(
			measurement,
			`${percent(share ?? 0)} of the TCP segments were sent again (${countText(again ?? 0)} of ${countText(sent ?? 0)}): the network loses or delays them`,
			[
				{
					what: 'see which connections retransmit',
					why: 'each one waits for at least 200 ms',
					command: "ss -tin | grep -B1 'retrans:'",
				},
			],
		),
	};
};

const judgeDatagrams = ({first, last}: Span<SocketsReading>) => {
	const lost = growth(
		first.counters?.get('Udp.RcvbufErrors'),
		last.counters?.get('Udp.RcvbufErrors'),
	);
	const measurement = measure(
		'UDP datagrams lost because a receiver was too slow, while watched',
		lost,
		'',
		'/proc/net/snmp RcvbufErrors',
		lost === undefined ? undefined : above(1),
	);
	return {
		measurements: [measurement],
		symptoms: symptom(
			measurement,
			`${countText(lost ?? 0)} UDP datagrams lost: a receiver did not read them in time`,
		),
	};
};

const stateCounts = ({sockets}: SocketsReading): ReadonlyMap<string, number> => {
	const counts = new Map<string, number>();
	for (const {state} of sockets ?? []) {
		counts.set(state, (counts.get(state) ?? 0) + 1);
	}

	return counts;
};

const judgeCloseWait = ({sockets}: SocketsReading, owners: ReadonlyMap<number, SocketOwner>) => {
	const waiting = (sockets ?? []).filter(({state}) => state === 'close-wait');
	const holders = new Map<string, number>();
	for (const {inode} of waiting) {
		const owner = owners.get(inode);
		if (owner) {
			const name = `${owner.name} (${owner.pid})`;
			holders.set(name, (holders.get(name) ?? 0) + 1);
		}
	}

	const most = [...holders].sort((a, b) => b[1] - a[1])[0];
	const measurement = measure(
		'connections in close-wait',
		sockets ? waiting.length : undefined,
		'sockets',
		'/proc/net/tcp',
		sockets ? above(closeWaitWatch) : undefined,
	);
	return {
		measurements: [measurement],
		symptoms: symptom(
			measurement,
			`${countText(waiting.length)} connections in close-wait: the other side closed them, ${most ? `${most[0]} did not (${countText(most[1])})` : 'a program here did not'}`,
			[
				{
					what: 'close connections on which read returns 0',
					why: 'nothing else ends this state: descriptors leak until the limit',
					command: 'ss -tnp state close-wait',
				},
			],
		),
	};
};

/** Totals and states, and what of the network's queues and tables overflows: `ss -s` and more. */
export const checkSockets = (
	span: Span<SocketsReading>,
	owners: ReadonlyMap<number, SocketOwner>,
): Check => {
	const {last} = span;
	const totals = socketTotals(last);
	const listen = judgeListenQueues(span, owners);
	const ports = judgePorts(last);
	const parts = [
		listen,
		ports,
		judgeRetransmits(span),
		judgeCloseWait(last, owners),
		judgeDatagrams(span),
		...judgeTables(last),
	];
	const states = [...stateCounts(last)].sort((a, b) => b[1] - a[1]);
	const tcp = totals?.tcp;
	return makeCheck({
		id: 'sockets',
		title: 'Sockets',
		fine: tcp
			? `${plural(totals.total, 'socket')}, TCP ${countText(tcp.total)} (${countText(tcp.established)} established, ${countText(tcp.timeWait)} in time-wait), no queue overflows`
			: '',
		symptoms: parts.flatMap(({symptoms}) => symptoms),
		measurements: [
			...parts.flatMap(({measurements}) => measurements),
			measure('sockets', totals?.total, 'sockets', '/proc/net/sockstat'),
			measure('TCP sockets', tcp?.total, 'sockets', '/proc/net/sockstat'),
			measure('TCP established', tcp?.established, 'sockets', '/proc/net/snmp'),
			measure('TCP closed', tcp?.closed, 'sockets', '/proc/net/sockstat'),
			measure('TCP orphaned', tcp?.orphaned, 'sockets', '/proc/net/sockstat'),
			measure('TCP time-wait', tcp?.timeWait, 'sockets', '/proc/net/sockstat'),
			...(totals?.transports ?? []).flatMap(({name, ip, ip6}) => [
				measure(`${name} in use over IPv4`, ip, '', '/proc/net/sockstat'),
				measure(`${name} in use over IPv6`, ip6, '', '/proc/net/sockstat6'),
			]),
		],
		details: [
			...(totals && tcp
				? [
						`total ${countText(totals.total)}; TCP ${countText(tcp.total)} (estab ${countText(tcp.established)}, closed ${countText(tcp.closed)}, orphaned ${countText(tcp.orphaned)}, timewait ${countText(tcp.timeWait)})`,
						...table(
							[
								['transport', 'total', 'IP', 'IPv6'],
								...totals.transports.map(({name, ip, ip6}) => [
									name,
									countText(ip + ip6),
									countText(ip),
									countText(ip6),
								]),
							],
							[1, 2, 3],
						),
					]
				: []),
			...(states.length > 0
				? [
						`TCP states: ${states.map(([state, number]) => `${state} ${countText(number)}`).join(', ')}`,
					]
				: []),
			...ports.details,
			...listen.details,
		],
		missing: [
			...(totals ? [] : ['/proc/net/sockstat could not be read']),
			...(last.sockets ? [] : ['/proc/net/tcp could not be read']),
			...(span.seconds > 0 ? [] : ['overflows and retransmits need two readings']),
		],
	});
};
