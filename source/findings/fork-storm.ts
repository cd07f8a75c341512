import {countText} from '../model/count-text.js';
import type {Process} from '../model/process.js';
import {costOf, fact, graded} from './parts.js';
import type {Candidate, Moment, Rule} from './rule.js';
import {orZero} from './thread-facts.js';
import {meanWaiting} from './wait-facts.js';
import {plural, roughText} from './words.js';

/** Builds start some tens of processes a second on each CPU. */
const fewestForks = 250;

/** On a busy machine a storm starts fewer; a parent that does nothing but wait for one child after the other makes it one. */
const slowStorm = {forks: 150, childWaitShare: 0.5, wakesPerFork: 0.7};
const many = {warning: 250, critical: 2000};

/** A parent that sleeps for each child, at least once for each, or is charged with the CPU that they used: measured 0.02 ms and more each. */
const parent = {
	wakesPerFork: 0.2,
	childWaitShare: 0.1,
	childMilliseconds: 0.01,
	wakesPerForkWhenCharged: 0.05,
};

type Suspect = {process: Process; children: number; waiting: number; chargedPercent: number};

/** Processes that were born in the last seconds, by their parent: of short-lived ones a reading sees a few. */
const birthsByParent = ({history, latest}: Moment): ReadonlyMap<number, number> => {
	const births = new Map<number, number>();
	const [oldest] = history;
	const known = new Set(
		oldest?.processes.map(({pid, startTimeTicks}) => `${pid}:${startTimeTicks}`),
	);
	const counted = new Set(known);
	for (const snapshot of [...history.slice(1), latest]) {
		for (const {pid, startTimeTicks, parentPid} of snapshot.processes) {
			const key = `${pid}:${startTimeTicks}`;
			if (!counted.has(key)) {
				counted.add(key);
				births.set(parentPid, (births.get(parentPid) ?? 0) + 1);
			}
		}
	}

	return births;
};

/** 1 % of a CPU is 10 ms each second. */
const isCharged = ({chargedPercent, process}: Suspect, forks: number): boolean =>
	chargedPercent * 10 >= forks * parent.childMilliseconds &&
	orZero(process.voluntarySwitchesPerSecond) >= forks * parent.wakesPerForkWhenCharged;

/** More of them than anybody else's first: children of a service's master are charged to its shell as well, once that ends. */
const weightOf = ({waiting, chargedPercent}: Suspect): number => waiting * 100 + chargedPercent;

const suspectsOf = (moment: Moment, forks: number): readonly Suspect[] => {
	const births = birthsByParent(moment);
	return moment.latest.processes
		.filter(process => !process.kernelThread && process.pid > 1)
		.map(process => ({
			process,
			children: births.get(process.pid) ?? 0,
			waiting: meanWaiting(process.threads, ({kind}) => kind === 'child'),
			chargedPercent: orZero(process.endedChildrenCpuPercent),
		}))
		.filter(
			suspect =>
				isCharged(suspect, forks) ||
				(orZero(suspect.process.voluntarySwitchesPerSecond) >= forks * parent.wakesPerFork &&
					(suspect.waiting >= parent.childWaitShare || suspect.children > 0)),
		)
		.sort((one, other) => other.children - one.children || weightOf(other) - weightOf(one));
};

const isSlowStorm = (suspect: Suspect, forks: number): boolean =>
	(suspect.waiting >= slowStorm.childWaitShare || isCharged(suspect, forks)) &&
	orZero(suspect.process.voluntarySwitchesPerSecond) >= forks * slowStorm.wakesPerFork;

const toCandidate = (suspect: Suspect, forks: number): Candidate => {
	const {process, children, waiting, chargedPercent} = suspect;
	const {pid, name} = process;
	return {
		subject: `${pid}:${process.startTimeTicks}`,
		severity: graded(forks, many.warning, many.critical),
		confidence:
			waiting >= parent.childWaitShare || isCharged(suspect, forks) ? 'likely' : 'possible',
		pid,
		pids: [pid],
		tids: process.threads.filter(thread => orZero(thread.cpuPercent) > 0).map(({tid}) => tid),
		title: `Fork storm: ${name} starts processes all the time, ${roughText(forks)} a second on this machine`,
		evidence: [
			fact('processes and threads started on the machine', forks, '/s', '/proc/stat'),
			fact(
				'times it wakes, mostly for a child that ended',
				orZero(process.voluntarySwitchesPerSecond),
				'/s',
				`/proc/${pid}/task/*/status`,
			),
			fact(
				'its threads that wait for a child, on average',
				waiting,
				'threads',
				`/proc/${pid}/task/*/syscall`,
			),
			fact(
				'CPU that its children had used when they ended',
				chargedPercent,
				'%',
				`/proc/${pid}/stat`,
			),
			...(children > 0
				? [
						fact(
							'new children caught by readings',
							countText(children),
							'processes',
							'/proc/PID/stat',
						),
					]
				: []),
		],
		cost: costOf([process]),
		fixes: [
			{
				what: "In shell scripts: the shell's own words instead of small programs, one program for all lines",
				why: "starting a process costs a millisecond of CPU, most of it in the kernel; the shell's own expansions cost nothing of that",
				command: 'while read -r line; do …; done  →  awk …',
			},
			{
				what: 'In programs: a library call, or a helper that stays and takes many jobs',
				why: `${plural(forks, 'process')} a second do little else than start and end`,
			},
			{
				what: 'A large parent: posix_spawn or vfork instead of fork',
				why: 'fork copies the page tables of the parent each time',
				command: 'posix_spawn(&pid, path, NULL, NULL, argv, environ)',
			},
		],
		next: [
			{what: 'see what is started', command: 'execsnoop-bpfcc', needs: 'root'},
			{
				what: 'see it without extra tools (slows the process down while it runs)',
				command: `timeout 2 strace -f -e trace=execve -p ${pid}`,
				needs: 'root or the same user',
			},
		],
	};
};

const explanation = `Fork storm: processes are started all the time

What it is
  A script or a program that starts a short-lived process for each small thing. Each costs
  about a millisecond of CPU, mostly in the kernel, and none lives long enough to be listed:
  top shows a busy system and nobody who is busy.

How ctop knows
  The kernel counts what is started (processes in /proc/stat): 250 a second and more, or 150
  when one parent does nothing but wait for one child after the other. The one to blame
  wakes for its children (it sleeps in wait4, waitid or vfork), is charged with the CPU that
  they had used when they ended (cutime in its stat), or new children of it are caught in
  readings. Everybody may read that, so it takes no privilege.

What does not fool it
  Builds with make, cron, servers that start workers now and then. Storms elsewhere: a process
  that doesn't wait for children is not blamed.

How to fix it
  Shell: parameter expansion, read, one awk or sed for the whole file, xargs -n 100.
  Programs: libraries, helpers that stay, posix_spawn. Health checks: without a shell.

Further reading
  man 5 proc_stat (processes), man 3 posix_spawn, mywiki.wooledge.org/BashFAQ
`;

/** Processes that are started all the time. */
export const forkStorm: Rule = {
	name: 'fork-storm',
	summary: 'processes are started all the time, each for a moment',
	explanation,
	find: moment => {
		const forks = moment.latest.system.forksPerSecond ?? 0;
		if (forks < slowStorm.forks) {
			return [];
		}

		const [worst] = suspectsOf(moment, forks);
		return worst && (forks >= fewestForks || isSlowStorm(worst, forks))
			? [toCandidate(worst, forks)]
			: [];
	},
};
