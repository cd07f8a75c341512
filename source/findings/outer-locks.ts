import type {Finding} from '../model/finding.js';
import type {FileLock} from '../model/lock.js';
import type {Process} from '../model/process.js';
import {isKnown} from '../model/reading.js';
import type {Thread} from '../model/thread.js';
import type {ProcessGroup} from './group.js';
import {costOf, fact, procFile} from './parts.js';
import type {Candidate, Moment} from './rule.js';
import {someWait, sum} from './thread-facts.js';
import {activeThreads, isAnyWaiting, waitingIn} from './thread-marks.js';
import {areWaitsHidden, meanWaiting} from './wait-facts.js';
import {plural} from './words.js';

/** Below, somebody waits for a lock now and then. */
const fewestWaiters = 0.5;

/** PostgreSQL writes into a backend's command line that it waits for a lock: `postgres: user db host UPDATE waiting`. */
const waitingTitle = /^postgres: .* waiting$/;

const isWaitingBackend = ({commandLine}: Process): boolean =>
	isKnown(commandLine) &&
	commandLine[0]?.startsWith('postgres:') === true &&
	waitingTitle.test(commandLine.join(' ').trim());

const rowLocks = (group: ProcessGroup): Candidate | undefined => {
	const waiting = group.processes.filter(isWaitingBackend);
	const pid = waiting[0]?.pid;
	return pid === undefined
		? undefined
		: {
				subject: `rows ${group.key}`,
				severity: waiting.length >= 4 ? 'critical' : 'warning',
				confidence: 'certain',
				pid,
				pids: waiting.map(process => process.pid),
				tids: waiting.flatMap(process => process.threads.map(({tid}) => tid)),
				title:
					`${plural(waiting.length, 'session')} of PostgreSQL wait for a lock of the database`.replace(
						/^(1 session .*?) wait /,
						'$1 waits ',
					),
				evidence: [
					fact(
						'sessions that say they wait',
						waiting.length,
						'processes',
						procFile(waiting, 'cmdline'),
					),
					fact(
						'the first of them',
						waiting[0]!.commandLine!.join(' ').trim(),
						'',
						procFile(waiting, 'cmdline'),
					),
				],
				cost: costOf(waiting),
				fixes: [
					{
						what: 'End the transaction that holds the row or the table',
						why: 'locks are kept to the end of a transaction; one that is idle keeps them for ever',
						command:
							'SELECT pg_blocking_pids(pid), * FROM pg_stat_activity WHERE cardinality(pg_blocking_pids(pid)) > 0;',
					},
					{
						what: 'A time limit for transactions that do nothing, and for waits',
						why: 'a client that forgets its transaction then holds up nobody for longer than that',
						command: "SET idle_in_transaction_session_timeout = '30s'; SET lock_timeout = '5s';",
					},
				],
				next: [
					{
						what: 'see who blocks whom',
						command: `psql -c "SELECT pid, pg_blocking_pids(pid), query FROM pg_stat_activity WHERE pid = ${pid}"`,
						needs: 'a database user',
					},
				],
			};
};

/** The lock that most of some processes wait for. */
const fileOf = (locks: readonly FileLock[], pids: readonly number[]): FileLock | undefined => {
	const waitersOf = ({waiterPids}: FileLock): number =>
		waiterPids.filter(pid => pids.includes(pid)).length;
	const [first] = [...locks].sort((one, other) => waitersOf(other) - waitersOf(one));
	return first && waitersOf(first) > 0 ? first : undefined;
};

/** Processes whose threads wait for locks on files, and how many do on average. */
type Waiting = {
	processes: readonly Process[];
	threads: readonly Thread[];
	waiters: number;
	source: string;
};

const atFileLocks = waitingIn('file-lock');
const isFileLock = ({kind}: {kind: string}): boolean => kind === 'file-lock';

const seenWaiting = ({isExplained}: Moment, group: ProcessGroup): Waiting => {
	const processes = group.processes.filter(
		({threads}) =>
			isAnyWaiting(threads, atFileLocks) &&
			threads.some(thread => someWait(thread, isFileLock) && !isExplained(thread.tid)),
	);
	return {
		processes,
		threads: processes.flatMap(process =>
			process.threads.filter(thread => someWait(thread, isFileLock)),
		),
		waiters: sum(processes, process => meanWaiting(process.threads, isFileLock)),
		source: procFile(processes, 'task/*/syscall'),
	};
};

/** Of processes whose waits are refused: the kernel's own list names each waiter's process, for everybody to read. */
const listedWaiting = ({latest, history, isExplained}: Moment, group: ProcessGroup): Waiting => {
	const pids = (latest.fileLocks ?? []).flatMap(({waiterPids}) => waiterPids);
	const processes = group.processes.filter(
		process =>
			pids.includes(process.pid) &&
			areWaitsHidden(history, process) &&
			!process.threads.every(({tid}) => isExplained(tid)),
	);
	return {
		processes,
		threads: processes.flatMap(({threads}) =>
			threads.length === 1 ? threads : activeThreads(threads),
		),
		waiters: sum(processes, ({pid}) => pids.filter(each => each === pid).length),
		source: '/proc/locks',
	};
};

const fileLocks = (moment: Moment, group: ProcessGroup): Candidate | undefined => {
	const {latest} = moment;
	const seen = seenWaiting(moment, group);
	const {
		processes: waiting,
		threads,
		waiters,
		source,
	} = seen.waiters > 0 ? seen : listedWaiting(moment, group);
	const pid = waiting[0]?.pid;
	if (pid === undefined || waiters < fewestWaiters) {
		return undefined;
	}

	const pids = waiting.map(process => process.pid);
	const lock = fileOf(latest.fileLocks ?? [], pids);
	const target = threads
		.flatMap(thread => [thread.wait, ...(thread.waits ?? [])])
		.find(wait => wait?.kind === 'file-lock' && wait.target !== undefined)?.target;
	const name = lock?.path ?? target ?? lock?.file;
	// Of one process its threads say more: locks of open file descriptions keep those apart.
	// Of a process whose waits are refused, and whose waiting threads do not run, the list says how many they are, not which.
	const count = Math.max(threads.length, Math.round(waiters));
	const who = pids.length > 1 ? plural(pids.length, 'process') : plural(count, 'thread');
	const holder: Finding['evidence'] =
		lock?.holderPid === undefined
			? []
			: [fact('held by', `${lock.holderPid} ${lock.holderName ?? ''}`.trim(), '', '/proc/locks')];
	return {
		subject: `file ${group.key}`,
		severity: waiters >= 4 ? 'critical' : 'warning',
		confidence: 'certain',
		pid,
		pids,
		tids: threads.map(({tid}) => tid),
		title: `${who} of ${group.name} wait for a lock on ${name ?? 'a file'}`.replace(
			/^(1 thread .*?) wait /,
			'$1 waits ',
		),
		evidence: [
			fact('threads waiting for a file lock, on average', waiters, 'threads', source),
			...holder,
		],
		cost: costOf(waiting),
		fixes: [
			{
				what: 'Hold the file lock for less, or one file for each piece of the data',
				why: 'a lock on a file lets one process at a time through, over all processes of the machine',
			},
			{
				what: 'If nobody should be waiting: do not wait, take another turn when it is taken',
				why: 'what only must not run twice (cron jobs) need not queue up',
				command: 'flock --nonblock LOCKFILE COMMAND',
			},
		],
		next: [
			{what: 'see who has it', command: 'lslocks --output-all', needs: 'root'},
			{what: 'see what the holder does', command: `ctop -p ${lock?.holderPid ?? pid}`},
		],
	};
};

/** Locks outside the processes: on files, as the system calls show them, and PostgreSQL's, as it tells itself. */
export const fileAndRowLocks = (moment: Moment): readonly Candidate[] =>
	moment.groups.flatMap(group =>
		[fileLocks(moment, group), rowLocks(group)].filter(each => each !== undefined),
	);
