import type {ClosedSet} from '../model/closed-set.js';
import type {Evidence} from '../model/finding.js';
import type {Process} from '../model/process.js';
import type {WaitKind} from '../model/wait.js';
import {processName} from './group.js';
import {fact, procFile} from './parts.js';
import {processesByPid} from './recent.js';
import type {Moment} from './rule.js';
import {sum} from './thread-facts.js';
import {areAllMarked, marks} from './thread-marks.js';
import {plural} from './words.js';

const threadCount = (members: readonly Process[]): number =>
	sum(members, ({threads}) => threads.length);

export const isUnexplained = ({isExplained}: Moment, {threads}: Process): boolean =>
	!threads.some(({tid}) => isExplained(tid));

/** Its processes, if they are still what they were when the observer looked through what they have open. */
export const membersOf = (
	moment: Moment,
	pids: readonly number[],
): readonly Process[] | undefined => {
	const byPid = processesByPid(moment.latest);
	const members = pids.flatMap(pid => byPid.get(pid) ?? []);
	return members.length === pids.length &&
		members.every(
			member => areAllMarked(member.threads, marks.still) && isUnexplained(moment, member),
		)
		? members
		: undefined;
};

/** `all 9 threads of node`, `all 8 threads of 8 processes (python)`. */
export const closedSetTitle = (members: readonly Process[]): string => {
	const names = [...new Set(members.map(processName))].join(', ');
	const threads = `all ${plural(threadCount(members), 'thread')} of`;
	return members.length === 1
		? `${threads} ${names}`
		: `${threads} ${plural(members.length, 'process')} (${names})`;
};

/** `7 futex, 1 child`, the most first. */
const kindsText = (members: readonly Process[]): string => {
	const counts = new Map<WaitKind, number>();
	for (const {threads} of members) {
		for (const {wait} of threads) {
			if (wait) {
				counts.set(wait.kind, (counts.get(wait.kind) ?? 0) + 1);
			}
		}
	}

	return [...counts]
		.sort(([, one], [, other]) => other - one)
		.map(([kind, count]) => `${count} ${kind}`)
		.join(', ');
};

/** What shows that nobody outside can wake one of these processes' threads. */
export const closedSetEvidence = (
	{objects, processesLookedThrough, seconds}: ClosedSet,
	members: readonly Process[],
): readonly Evidence[] => {
	const calls = procFile(members, 'task/*/syscall');
	const open = `${procFile(members, 'fd')}, fdinfo, maps`;
	return [
		fact(
			'threads that wait without a time limit for another one of these',
			threadCount(members),
			'threads',
			calls,
		),
		fact('what they wait in', kindsText(members), '', calls),
		fact(
			'pipes, eventfds and shared memory that they wait at and nobody else has',
			objects,
			'',
			open,
		),
		fact(
			'looked through for somebody else who has them',
			processesLookedThrough,
			'processes',
			'/proc/*/fd, /proc/*/maps',
		),
		fact('none of them has run for', seconds, 's', procFile(members, 'task/*/schedstat')),
	];
};
