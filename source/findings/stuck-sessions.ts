import type {ProcessGroup} from './group.js';
import {areStill, onceLasting} from './lasting-stillness.js';
import {costOf, fact, procFile} from './parts.js';
import {
	backendTitle,
	endTransactions,
	isAtStatement,
	isIdleInTransaction,
	isWaitingBackend,
	seeBlockers,
	severityOfWaiting,
	waitingFact,
} from './postgres-locks.js';
import type {Candidate, Moment} from './rule.js';
import {plural} from './words.js';

/** Sessions that wait, where some are idle in a transaction and none is at work, so that it is one of those who has the lock. */
export const stuckSessions = (group: ProcessGroup, moment: Moment): readonly Candidate[] => {
	const waiting = group.processes.filter(isWaitingBackend);
	const idle = waiting.length > 0 ? group.processes.filter(isIdleInTransaction) : [];
	const [first] = waiting;
	const [holder] = idle;
	if (
		!first ||
		!holder ||
		group.processes.some(each => isAtStatement(each) && !areStill(moment, each)) ||
		![...waiting, ...idle].every(each => areStill(moment, each))
	) {
		return [];
	}

	const threads = waiting.flatMap(each => each.threads);
	const who =
		idle.length === 1
			? `session ${holder.pid} is idle in its transaction`
			: `${plural(idle.length, 'session')} are idle in their transactions`;
	return [
		{
			subject: `sessions ${group.key}`,
			severity: severityOfWaiting(waiting),
			confidence: 'likely',
			pid: first.pid,
			pids: waiting.map(({pid}) => pid),
			tids: onceLasting(
				moment,
				threads.map(({tid}) => tid),
			),
			title:
				`Stuck: ${plural(waiting.length, 'session')} of PostgreSQL wait for a lock, and ${who}`.replace(
					/^(Stuck: 1 session .*?) wait /,
					'$1 waits ',
				),
			evidence: [
				waitingFact(waiting),
				fact('the first of them', backendTitle(first), '', procFile([first], 'cmdline')),
				fact(
					'sessions that are idle in a transaction',
					idle.length,
					'processes',
					procFile(idle, 'cmdline'),
				),
				fact('the first of those', backendTitle(holder), '', procFile([holder], 'cmdline')),
				fact('switches of all of these', 0, '/s', '/proc/PID/task/*/status'),
			],
			cost: costOf(threads),
			fixes: [
				{
					what: 'End the session whose client has forgotten its transaction',
					why: 'locks are kept to the end of a transaction, and this one does nothing',
					command: `SELECT pg_terminate_backend(${holder.pid});`,
				},
				endTransactions,
			],
			next: [seeBlockers(first.pid)],
		},
	];
};
