import {countText} from '../model/count-text.js';
import {formatTcpAddress} from '../procfs/net-tcp.js';
import {above, measure, symptom} from './judge.js';
import type {SocketOwner} from './readers/descriptors.js';
import type {SocketsReading} from './readers/sockets.js';
import {growth, type Span} from './span.js';

const watchPercent = 80;
const badPercent = 100;

/** A listening socket with connections that wait for accept(2). */
export type ListenQueue = {
	address: string;
	port: number;
	waiting: number;
	/** Missing where it can't be told; the kernel takes one more than this. */
	backlog?: number;
	owner?: SocketOwner;
};

/** Listening sockets, the longest queue first. */
export const listenQueues = (
	{sockets, backlogs}: SocketsReading,
	owners: ReadonlyMap<number, SocketOwner>,
): readonly ListenQueue[] =>
	(sockets ?? [])
		.filter(({state}) => state === 'listen')
		.map(socket => ({
			address: formatTcpAddress(socket.localAddress),
			port: socket.localPort,
			waiting: socket.receiveQueue,
			backlog: backlogs.get(socket.inode),
			owner: owners.get(socket.inode),
		}))
		.sort((a, b) => b.waiting - a.waiting);

const nameOf = ({address, port, owner}: ListenQueue): string =>
	`${address}:${port}, ${owner ? `${owner.name} (${owner.pid})` : 'a process that was not told'}`;

const waitingOf = ({waiting, backlog}: ListenQueue): string =>
	`${countText(waiting)} connections wait${backlog === undefined ? '' : `, the queue takes ${countText(backlog + 1)}`}`;

/** The queue is full when more wait than the backlog: sk_acceptq_is_full() of the kernel's net/sock.h. */
const fillPercent = ({waiting, backlog}: ListenQueue): number | undefined =>
	backlog === undefined ? undefined : (waiting / (backlog + 1)) * 100;

const fixes = (queue: ListenQueue) => [
	{
		what: `let ${queue.owner?.name ?? 'the process'} accept faster: more workers, or less work in the accepting thread`,
		why: 'clients whose connection finds the queue full retry after a second or more, and see it as slowness',
		command: `ss -ltnp 'sport = :${queue.port}'`,
	},
	{
		what: 'raise the backlog of listen(2) and net.core.somaxconn, which caps it',
		why: 'helps with short bursts only; a queue that stays full grows to any length',
		command: 'sysctl net.core.somaxconn',
	},
];

/** Judges the queues by how full they are, and by connections that were dropped while watched. */
export const judgeListenQueues = (
	span: Span<SocketsReading>,
	owners: ReadonlyMap<number, SocketOwner>,
) => {
	const queues = listenQueues(span.last, owners);
	const busy = queues.filter(({waiting}) => waiting > 0);
	const judged = busy.map(queue => {
		const measurement = measure(
			`accept queue of port ${queue.port}`,
			fillPercent(queue),
			'%',
			'/proc/net/tcp, ss -lt',
			fillPercent(queue) === undefined ? undefined : above(watchPercent, badPercent),
		);
		return {
			measurement,
			symptoms: symptom(
				measurement,
				`listen queue of ${nameOf(queue)}: ${waitingOf(queue)}`,
				fixes(queue),
			),
		};
	});
	const dropped = growth(
		span.first.counters?.get('TcpExt.ListenOverflows'),
		span.last.counters?.get('TcpExt.ListenOverflows'),
	);
	const overflow = measure(
		'connections that found a listen queue full, while watched',
		span.seconds > 0 ? dropped : undefined,
		'',
		'/proc/net/netstat ListenOverflows',
		above(undefined, 1),
	);
	const suspect = busy[0];
	return {
		measurements: [
			overflow,
			...judged.map(({measurement}) => measurement),
			measure(
				'connections that found a listen queue full, since boot',
				span.last.counters?.get('TcpExt.ListenOverflows'),
				'',
				'/proc/net/netstat ListenOverflows',
			),
		],
		symptoms: [
			...judged.flatMap(({symptoms}) => symptoms),
			...symptom(
				overflow,
				`${countText(dropped ?? 0)} connections found a listen queue full${suspect ? `, the longest is that of ${nameOf(suspect)}: ${waitingOf(suspect)}` : ''}`,
				suspect ? fixes(suspect) : [],
			),
		],
		details: busy.slice(0, 5).map(queue => `listen queue of ${nameOf(queue)}: ${waitingOf(queue)}`),
	};
};
