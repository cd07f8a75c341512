import type {Fix} from '../model/finding.js';
import type {RetriedLock} from '../model/lock.js';
import type {Process} from '../model/process.js';
import {heldBy, seeHolder} from './file-lock-parts.js';
import {processName} from './group.js';
import {costOf, fact, graded, procFile} from './parts.js';
import {processesByPid} from './recent.js';
import type {Candidate, Moment} from './rule.js';
import {plural} from './words.js';

/** Below, somebody finds the database locked now and then. */
const fewestWaiters = 0.5;

const many = {warning: 0, critical: 4};

const fixes: readonly Fix[] = [
	{
		what: 'SQLite lets one writer at a time through: write less often, and many rows in one short transaction',
		why: 'each transaction waits for the disk while all other writers sleep, up to 100 ms between two tries, whoever came first',
		command: 'BEGIN IMMEDIATE; INSERT …; INSERT …; COMMIT;',
	},
	{
		what: 'No work and no waiting between BEGIN and COMMIT; a single process or thread that writes for all',
		why: 'the lock is had for as long as the transaction is open',
	},
	{
		what: 'Let readers and the writer not lock each other out, and commit without waiting for the disk',
		why: 'with a write-ahead log a commit is one write, made durable at checkpoints',
		command: 'PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;',
	},
];

const namesOf = (processes: readonly Process[]): string =>
	[...new Set(processes.map(processName))].join(', ');

const toCandidate = (lock: RetriedLock, processes: readonly Process[]): Candidate => {
	const {path, waitersAverage, file, holderPid} = lock;
	const tids = new Set(lock.tids);
	const threads = processes.flatMap(process => process.threads.filter(({tid}) => tids.has(tid)));
	const {pid} = processes[0]!;
	const who =
		processes.length > 1 ? plural(processes.length, 'process') : plural(threads.length, 'thread');
	return {
		subject: `database ${path}`,
		severity: graded(waitersAverage, many.warning, many.critical),
		confidence: file === undefined ? 'likely' : 'certain',
		pid,
		pids: processes.map(process => process.pid),
		tids: threads.map(({tid}) => tid),
		title:
			`${who} of ${namesOf(processes)} want the lock of the SQLite database ${path} and sleep between tries`.replace(
				/^(1 thread .*?) want (.*) and sleep between/,
				'$1 wants $2 and sleeps between',
			),
		evidence: [
			fact(
				'threads asleep in SQLite between two tries, on average at least',
				waitersAverage,
				'threads',
				procFile(processes, 'task/*/syscall and stack'),
			),
			...heldBy(lock),
		],
		cost: costOf(processes),
		fixes,
		next: [seeHolder, {what: 'see what the holder does', command: `ctop -p ${holderPid ?? pid}`}],
	};
};

/** Threads that sleep and try again for the lock of a database. */
export const retriedLockWaits = ({latest, isExplained}: Moment): readonly Candidate[] => {
	const locks = (latest.retriedLocks ?? []).filter(
		({waitersAverage}) => waitersAverage >= fewestWaiters,
	);
	if (locks.length === 0) {
		return [];
	}

	const byPid = processesByPid(latest);
	return locks.flatMap(lock => {
		const processes = lock.pids.flatMap(pid => byPid.get(pid) ?? []);
		const isTold = processes.every(({threads}) => threads.every(({tid}) => isExplained(tid)));
		return isTold ? [] : [toCandidate(lock, processes)];
	});
};
