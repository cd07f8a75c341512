import type {Evidence} from '../model/finding.js';
import type {FullDescriptorTable, ThreadKernelWork} from '../model/kernel-work.js';
import type {Process} from '../model/process.js';
import {isKnown} from '../model/reading.js';
import type {Thread} from '../model/thread.js';
import {type ProcessGroup, processKey} from './group.js';
import {costOf, fact, procFile} from './parts.js';
import type {Candidate} from './rule.js';
import {bytesOf, type CallSpin, callsOf, emptyCallsOf} from './spin-calls.js';
import {fixesOfCallSpin} from './spin-calls-fixes.js';
import {countCalls, spinSeverity} from './spin-parts.js';
import {orZero, sum} from './thread-facts.js';
import {whereEvidence} from './where.js';
import {plural, roughText} from './words.js';

const sumOfWork = (threads: readonly Thread[], of: (work: ThreadKernelWork) => number): number =>
	sum(threads, ({kernelWork}) => (isKnown(kernelWork) ? of(kernelWork) : 0));

const titleOf = (
	{cause, confidence, threads, fullTable}: CallSpin,
	{name}: ProcessGroup,
): string => {
	const verb = confidence === 'possible' ? 'may spin' : threads.length === 1 ? 'spins' : 'spin';
	const who = `${plural(threads.length, 'thread')} of ${name} ${verb}`;
	if (cause === 'empty-calls') {
		return `${who}: ${roughText(sumOfWork(threads, emptyCallsOf))} reads and writes a second that move nothing`;
	}

	if (fullTable) {
		const {openFilesLimit, connectionCount} = fullTable;
		const waiting = `${plural(connectionCount, 'connection')} ${connectionCount === 1 ? 'waits' : 'wait'}`;
		return `${who}: all ${openFilesLimit} descriptors are open, ${waiting}, and accept fails at once`;
	}

	return `${who}: nothing comes of the system calls that fill ${threads.length === 1 ? 'its' : 'their'} time`;
};

const tableFacts = (table: FullDescriptorTable, pid: number): readonly Evidence[] => [
	fact(
		'descriptors that are open, of those that the soft limit allows',
		table.openFilesLimit,
		`of ${table.openFilesLimit}`,
		`/proc/${pid}/fd, limits`,
	),
	fact(
		`connections that wait at ${table.listensOn.join(', ')}, in two readings`,
		table.connectionCount,
		'connections',
		`/proc/${pid}/net/tcp`,
	),
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

const traceFacts = ({process}: CallSpin): readonly Evidence[] => [
	fact(
		`all ${orZero(process.kernelWork?.descriptorCount)} open files, positions in them, directory and memory's size are the same for`,
		orZero(process.kernelWork?.unchangedSeconds),
		's',
		`/proc/${process.pid}/fd, fdinfo, cwd, statm`,
	),
	fact(
		'page faults',
		sumOfWork(process.threads, work => work.pageFaultsPerSecond),
		'/s',
		`/proc/${process.pid}/task/*/stat`,
	),
];

const evidenceOf = (spin: CallSpin): readonly Evidence[] => {
	const {cause, process, threads, fullTable} = spin;
	const from = [process];
	return [
		...(fullTable ? tableFacts(fullTable, process.pid) : []),
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
		...(cause === 'empty-calls'
			? [
					fact(
						'reads and writes that failed or moved nothing, at least',
						sumOfWork(threads, emptyCallsOf),
						'/s',
						procFile(from, 'task/*/io'),
					),
				]
			: []),
		fact('reads and writes in all', sumOfWork(threads, callsOf), '/s', procFile(from, 'task/*/io')),
		fact('bytes that they moved', sumOfWork(threads, bytesOf), 'B/s', procFile(from, 'task/*/io')),
		...networkFacts(process),
		...(cause === 'no-trace' ? traceFacts(spin) : []),
		...whereEvidence('line that they are at', threads, from),
	];
};

/** What is told of them. */
export const toCallSpinCandidate = (spin: CallSpin, group: ProcessGroup): Candidate => {
	const {cause, confidence, process, threads} = spin;
	const {pid} = process;
	return {
		subject: `${processKey(process)} ${cause}`,
		// Who only seems to spin is no alarm.
		severity: cause === 'no-trace' ? 'notice' : spinSeverity(threads.length),
		confidence,
		pid,
		pids: [pid],
		tids: threads.map(({tid}) => tid),
		title: titleOf(spin, group),
		evidence: evidenceOf(spin),
		cost: costOf(threads),
		fixes: fixesOfCallSpin(spin),
		next: [
			countCalls(
				pid,
				cause === 'no-trace'
					? 'see which calls they are for two seconds: stat, getrandom or System V queues are work, poll and recv with errors are none'
					: 'count its calls for two seconds, and the errors of each',
			),
			{what: 'see who makes them', command: `perf top -g -p ${pid}`, needs: 'root'},
		],
	};
};
