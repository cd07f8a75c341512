import type {Evidence, Fix, NextStep, Severity} from '../model/finding.js';
import type {Process} from '../model/process.js';
import {isKnown} from '../model/reading.js';
import type {ProcessGroup} from './group.js';
import {costOf, fact, procFile} from './parts.js';
import type {Candidate, Moment} from './rule.js';
import {plural} from './words.js';

/*
PostgreSQL writes into a backend's command line what it is doing: `postgres: user db host UPDATE waiting` while it waits for a lock,
`… idle in transaction` while its client has a transaction open and says nothing.
*/

/** Its command line, where that is one of PostgreSQL's titles; else nothing. */
export const backendTitle = ({commandLine}: Process): string => {
	const title = isKnown(commandLine) ? commandLine.join(' ').trim() : '';
	return title.startsWith('postgres:') ? title : '';
};

export const isWaitingBackend = (process: Process): boolean =>
	/ waiting$/.test(backendTitle(process));

/** Whether its transaction is open, and its client silent. */
export const isIdleInTransaction = (process: Process): boolean =>
	/ idle in transaction(?: \(aborted\))?$/.test(backendTitle(process));

/** Whether it is at a statement, the name of which stands last, and doesn't wait for a lock. */
export const isAtStatement = (process: Process): boolean =>
	/ [A-Z]{2,}$/.test(backendTitle(process));

/** Sessions that wait, by how many they are. */
export const severityOfWaiting = (waiting: readonly Process[]): Severity =>
	waiting.length >= 4 ? 'critical' : 'warning';

export const waitingFact = (waiting: readonly Process[]): Evidence =>
	fact('sessions that say they wait', waiting.length, 'processes', procFile(waiting, 'cmdline'));

export const endTransactions: Fix = {
	what: 'A time limit for transactions that do nothing, and for waits',
	why: 'a client that forgets its transaction then holds up nobody for longer than that',
	command: "SET idle_in_transaction_session_timeout = '30s'; SET lock_timeout = '5s';",
};

export const seeBlockers = (pid: number): NextStep => ({
	what: 'see who blocks whom',
	command: `psql -c "SELECT pid, pg_blocking_pids(pid), query FROM pg_stat_activity WHERE pid = ${pid}"`,
	needs: 'a database user',
});

/** Sessions that say they wait for a lock of the database. */
export const postgresLockWaits = (
	group: ProcessGroup,
	{isExplained}: Moment,
): readonly Candidate[] => {
	const waiting = group.processes.filter(
		process => isWaitingBackend(process) && !process.threads.some(({tid}) => isExplained(tid)),
	);
	const [first] = waiting;
	if (!first) {
		return [];
	}

	const {pid} = first;
	return [
		{
			subject: `rows ${group.key}`,
			severity: severityOfWaiting(waiting),
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
				waitingFact(waiting),
				fact('the first of them', backendTitle(first), '', procFile(waiting, 'cmdline')),
			],
			cost: costOf(waiting),
			fixes: [
				{
					what: 'End the transaction that holds the row or the table',
					why: 'locks are kept to the end of a transaction; one that is idle keeps them for ever',
					command:
						'SELECT pg_blocking_pids(pid), * FROM pg_stat_activity WHERE cardinality(pg_blocking_pids(pid)) > 0;',
				},
				endTransactions,
			],
			next: [seeBlockers(pid)],
		},
	];
};
