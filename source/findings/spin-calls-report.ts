import type {Evidence, NextStep} from '../model/finding.js';
import type {FullDescriptorTable, ReadySockets, ThreadIo} from '../model/kernel-work.js';
import type {Process} from '../model/process.js';
import type {System} from '../model/system.js';
import type {Thread} from '../model/thread.js';
import {type ProcessGroup, processKey} from './group.js';
import {costOf, fact, procFile} from './parts.js';
import type {Candidate} from './rule.js';
import {bytesOf, type CallSpin, type CallSpinCause, callsOf, emptyCallsOf} from './spin-calls.js';
import {fixesOfCallSpin} from './spin-calls-fixes.js';
import {countCalls, spinSeverity} from './spin-parts.js';
import {orZero, sum} from './thread-facts.js';
import {whereEvidence} from './where.js';
import {plural, roughText} from './words.js';

const sumOfIo = (threads: readonly Thread[], of: (io: ThreadIo) => number): number =>
	sum(threads, ({kernelWork}) => (kernelWork?.io ? of(kernelWork.io) : 0));

const faultsOf = (threads: readonly Thread[]): number =>
	sum(threads, ({kernelWork}) => orZero(kernelWork?.pageFaultsPerSecond));

const readyText = ({reason, socketCount, fd}: ReadySockets): string => {
	if (reason === 'closed-by-peer') {
		return socketCount === 1
			? `the peer of socket ${fd} has closed, and nobody closes it here`
			: `the peers of ${socketCount} sockets, such as ${fd}, have closed, and nobody closes them here`;
	}

	return socketCount === 1
		? `socket ${fd} is always writable, and is watched for that`
		: `${socketCount} sockets, such as ${fd}, are always writable, and are watched for that`;
};

const titleOf = (
	{cause, confidence, threads, fullTable, ready}: CallSpin,
	{name}: ProcessGroup,
): string => {
	const verb = confidence === 'possible' ? 'may spin' : threads.length === 1 ? 'spins' : 'spin';
	const time = threads.length === 1 ? 'its time' : 'their time';
	const who = `${plural(threads.length, 'thread')} of ${name} ${verb}`;
	if (cause === 'empty-calls') {
		return `${who}: ${roughText(sumOfIo(threads, emptyCallsOf))} reads and writes a second that move nothing`;
	}

	if (fullTable) {
		const {openFilesLimit, connectionCount} = fullTable;
		const waiting = `${plural(connectionCount, 'connection')} ${connectionCount === 1 ? 'waits' : 'wait'}`;
		return `${who}: all ${openFilesLimit} descriptors are open, ${waiting}, and accept fails at once`;
	}

	if (ready) {
		const calls = cause === 'ready-socket' ? 'epoll_wait' : 'select or poll';
		return `${who} around ${calls}: ${readyText(ready)}`;
	}

	if (cause === 'refused') {
		return `${who}: short system calls fill ${time}, and nothing moves on the machine; which calls was refused`;
	}

	if (cause === 'event-loop') {
		return `${who} around epoll_wait: system calls fill ${time}, and nothing moves on the machine`;
	}

	return `${who}: nothing comes of the system calls that fill ${time}`;
};

const tableFacts = (table: FullDescriptorTable, pid: number): readonly Evidence[] => [
	fact(
		'descriptors that are open, of those that the soft limit allows',
		table.openFilesLimit,
		`of ${table.openFilesLimit}`,
		table.isRefused ? `size of /proc/${pid}/fd, limits` : `/proc/${pid}/fd, limits`,
	),
	fact(
		table.isRefused
			? `connections that wait at sockets of its user, ${table.listensOn.join(', ')}, in two readings`
			: `connections that wait at ${table.listensOn.join(', ')}, in two readings`,
		table.connectionCount,
		'connections',
		`/proc/${pid}/net/tcp`,
	),
];

const readyFacts = (
	{reason, socketCount, fd, epollFd, seconds}: ReadySockets,
	pid: number,
): readonly Evidence[] => [
	reason === 'writable'
		? fact(
				'connections with nothing to send that are watched for being writable (EPOLLOUT, level-triggered)',
				socketCount,
				socketCount === 1 ? 'socket' : 'sockets',
				`/proc/${pid}/fdinfo/${epollFd}, net/tcp`,
			)
		: fact(
				epollFd === undefined
					? 'connections that the other side has closed, and this one has not (CLOSE_WAIT)'
					: 'connections that the other side has closed, and that are still watched for input (CLOSE_WAIT; EPOLLIN, level-triggered)',
				socketCount,
				socketCount === 1 ? 'socket' : 'sockets',
				epollFd === undefined
					? `/proc/${pid}/fd, net/tcp`
					: `/proc/${pid}/fdinfo/${epollFd}, net/tcp`,
			),
	fact(`socket ${fd} is so in each reading for`, seconds, 's', `/proc/${pid}/net/tcp`),
];

const networkFacts = ({pid, kernelWork}: Process): readonly Evidence[] => {
	const {socketCount, packetsPerSecond} = kernelWork ?? {};
	if (socketCount === 0) {
		return [fact('sockets among its open files', 0, 'sockets', `/proc/${pid}/fd`)];
	}

	return packetsPerSecond === undefined
		? []
		: [
				fact(
					'packets of its whole network namespace',
					packetsPerSecond,
					'/s',
					`/proc/${pid}/net/dev`,
				),
			];
};

const faultsFact = ({pid}: Process, threads: readonly Thread[]): Evidence =>
	fact('page faults', faultsOf(threads), '/s', `/proc/${pid}/task/*/stat`);

const traceFacts = ({process}: CallSpin): readonly Evidence[] => [
	fact(
		`all ${orZero(process.kernelWork?.descriptorCount)} open files, positions in them, directory and memory's size are the same for`,
		orZero(process.kernelWork?.unchangedSeconds),
		's',
		`/proc/${process.pid}/fd, fdinfo, cwd, statm`,
	),
	faultsFact(process, process.threads),
];

const cpuFacts = ({process, threads}: CallSpin): readonly Evidence[] => {
	const from = [process];
	return [
		fact(
			'CPU burned',
			sum(threads, thread => orZero(thread.cpuPercent)),
			'%',
			procFile(from, 'task/*/schedstat'),
		),
		fact(
			'of that in the kernel',
			sum(threads, thread => orZero(thread.systemCpuPercent)),
			'%',
			procFile(from, 'task/*/stat'),
		),
		fact(
			'voluntary switches: they hardly sleep',
			sum(threads, thread => orZero(thread.voluntarySwitchesPerSecond)),
			'/s',
			procFile(from, 'task/*/status'),
		),
	];
};

/** Nothing moves for which it may make its calls. */
const quietFacts = ({process, threads}: CallSpin, system: System): readonly Evidence[] => [
	faultsFact(process, threads),
	...(system.wakeSources?.receivedPacketsPerSecond === undefined
		? []
		: [
				fact(
					'packets that the machine received',
					system.wakeSources.receivedPacketsPerSecond,
					'/s',
					'/proc/net/softnet_stat',
				),
			]),
	fact(
		'context switches of the whole machine',
		orZero(system.contextSwitchesPerSecond),
		'/s',
		'/proc/stat',
	),
	fact(
		'pages of files that somebody wrote to',
		orZero(system.paging?.dirtiedPagesPerSecond),
		'/s',
		'/proc/vmstat',
	),
];

const refusedFact = ({process: {pid}}: CallSpin): Evidence =>
	fact('what it reads, writes and has open', 'refused by the kernel', '', `/proc/${pid}/io, fd`);

const epollFacts = ({process: {pid, kernelWork}}: CallSpin): readonly Evidence[] => [
	fact('descriptor of its epoll instance', orZero(kernelWork?.epollFd), '', `/proc/${pid}/fd`),
];

const evidenceOf = (spin: CallSpin, system: System): readonly Evidence[] => {
	const {cause, process, threads, fullTable, ready} = spin;
	if (cause === 'refused') {
		return [...cpuFacts(spin), ...quietFacts(spin, system), refusedFact(spin)];
	}

	const from = [process];
	if (fullTable?.isRefused) {
		return [...tableFacts(fullTable, process.pid), ...cpuFacts(spin), refusedFact(spin)];
	}

	return [
		...(fullTable ? tableFacts(fullTable, process.pid) : []),
		...(ready ? readyFacts(ready, process.pid) : []),
		...cpuFacts(spin),
		...(cause === 'empty-calls'
			? [
					fact(
						'reads and writes that failed or moved nothing, at least',
						sumOfIo(threads, emptyCallsOf),
						'/s',
						procFile(from, 'task/*/io'),
					),
				]
			: []),
		fact('reads and writes in all', sumOfIo(threads, callsOf), '/s', procFile(from, 'task/*/io')),
		fact('bytes that they moved', sumOfIo(threads, bytesOf), 'B/s', procFile(from, 'task/*/io')),
		...networkFacts(process),
		...(cause === 'no-trace' || cause === 'closed-peer' ? traceFacts(spin) : []),
		...(cause === 'event-loop' ? [...epollFacts(spin), ...quietFacts(spin, system)] : []),
		...whereEvidence('line that they are at', threads, from),
	];
};

/** Who only seems to spin is none. */
const isAlarm = ({cause, confidence}: CallSpin): boolean =>
	confidence !== 'possible' || cause === 'full-table';

const seeSockets = (pid: number, {reason, fd}: ReadySockets): NextStep => ({
	what:
		reason === 'writable'
			? `see its connections: fd=${fd} is one with an empty queue (Send-Q)`
			: `see its connections: fd=${fd} is one in CLOSE-WAIT`,
	command: `ss -tnp | grep pid=${pid},`,
	needs: 'root or the same user',
});

/** Whether its calls may be work as well. */
const isUnclear = (cause: CallSpinCause): boolean =>
	cause === 'no-trace' || cause === 'closed-peer' || cause === 'event-loop' || cause === 'refused';

/** What is told of them. */
export const toCallSpinCandidate = (
	spin: CallSpin,
	group: ProcessGroup,
	system: System,
): Candidate => {
	const {cause, confidence, process, threads, ready} = spin;
	const {pid} = process;
	return {
		subject: `${processKey(process)} ${cause}`,
		severity: isAlarm(spin) ? spinSeverity(threads.length) : 'notice',
		confidence,
		pid,
		pids: [pid],
		tids: threads.map(({tid}) => tid),
		title: titleOf(spin, group),
		evidence: evidenceOf(spin, system),
		cost: costOf(threads),
		fixes: fixesOfCallSpin(spin),
		next: [
			...(ready ? [seeSockets(pid, ready)] : []),
			countCalls(
				pid,
				isUnclear(cause)
					? 'see which calls they are for two seconds: stat, getrandom or System V queues are work, poll and recv with errors are none'
					: 'count its calls for two seconds, and the errors of each',
			),
			{what: 'see who makes them', command: `perf top -g -p ${pid}`, needs: 'root'},
		],
	};
};
