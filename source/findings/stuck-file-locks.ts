import type {Evidence, Fix} from '../model/finding.js';
import type {FileLock} from '../model/lock.js';
import type {Process} from '../model/process.js';
import type {Thread} from '../model/thread.js';
import {doNotQueue, isFileLock, seeHolder} from './file-lock-parts.js';
import {processKey, processName} from './group.js';
import {areStill, onceLasting} from './lasting-stillness.js';
import {costOf, fact, graded, procFile, stackStep} from './parts.js';
import {processesByPid} from './recent.js';
import type {Candidate, Moment} from './rule.js';
import {mainWait, someWait} from './thread-facts.js';
import {areAlike, waitsForWork} from './waits-for-work.js';
import {plural} from './words.js';

const many = {warning: 1, critical: 4};

/** The process and all below it: one that waits for a child which works is at work. */
const familyOf = (pid: number, processes: readonly Process[]): readonly Process[] => {
	const family = processes.filter(each => each.pid === pid);
	for (const {pid: parent} of family) {
		family.push(...processes.filter(({parentPid}) => parentPid === parent));
	}

	return family;
};

const nameOf = (process: Process): string => `${process.pid} (${processName(process)})`;

const doingOf = ({threads}: Process): string => {
	const wait = threads[0] && mainWait(threads[0]);
	return wait === undefined ? 'sleeps' : `sleeps in ${wait.call ?? wait.kind}`;
};

/** Those of a family that wait for a child, and the one at the end that does not. */
const chainOf = (family: readonly Process[]): readonly Process[] => {
	const chain = family.slice(0, 1);
	for (const {pid, threads} of chain) {
		const children = family.filter(({parentPid}) => parentPid === pid);
		if (children.length === 1 && threads.some(thread => mainWait(thread)?.kind === 'child')) {
			chain.push(children[0]!);
		}
	}

	return chain;
};

const chainText = (chain: readonly Process[]): string => {
	const [holder, ...children] = chain;
	const links = children.map(child => `, which waits for its child ${nameOf(child)}`).join('');
	return `${nameOf(holder!)}${links}, which ${doingOf(chain.at(-1)!)}`;
};

const giveBack: Fix = {
	what: 'Let the holder give the lock back before it waits for anything that may never come, and give that a time limit',
	why: 'everybody who needs the file stands still for as long as its holder does',
	command: 'flock --timeout 10 LOCKFILE timeout 60 COMMAND',
};

type StuckFile = {lock: FileLock; waiters: readonly Process[]; family: readonly Process[]};

/** Which of its threads waits: the only one, whatever is known of its wait, or those that were seen to. */
const isWaitingIn =
	({threads}: Process) =>
	(thread: Thread): boolean =>
		threads.length === 1 || someWait(thread, isFileLock);

/** Whether the lock only says whose turn it is to wait for the next connection; where that is refused, it may. */
const areTurns = (holder: Process, waiters: readonly Process[]): boolean =>
	holder.threads.some(thread => thread.wait === null || waitsForWork(thread)) &&
	waiters.every(waiter => areAlike(waiter, holder));

const stuckFilesOf = (moment: Moment): readonly StuckFile[] => {
	const {processes, fileLocks = []} = moment.latest;
	const byPid = fileLocks.length > 0 ? processesByPid(moment.latest) : new Map<number, Process>();
	return fileLocks.flatMap(lock => {
		const holder = lock.holderPid === undefined ? undefined : byPid.get(lock.holderPid);
		if (!holder) {
			return [];
		}

		const waiters = lock.waiterPids.flatMap(pid => {
			const waiter = byPid.get(pid);
			return waiter?.threads.some(({tid}) => moment.isExplained(tid)) === false ? waiter : [];
		});
		// One that has come while somebody waits says nothing yet.
		const family = waiters.some(each => areStill(moment, each, isWaitingIn(each)))
			? familyOf(holder.pid, processes)
			: [];
		return family.length > 0 &&
			family.every(each => areStill(moment, each)) &&
			!areTurns(holder, waiters)
			? [{lock, waiters, family}]
			: [];
	});
};

const ofFile = ({lock, waiters, family}: StuckFile, moment: Moment): Candidate => {
	const chain = chainOf(family);
	const name = lock.path ?? lock.file;
	const [first] = waiters;
	const holder = family[0]!;
	const threads = waiters.flatMap(each => each.threads.filter(isWaitingIn(each)));
	return {
		subject: `file ${lock.file} ${processKey(holder)}`,
		severity: graded(threads.length, many.warning, many.critical),
		confidence: 'certain',
		pid: first!.pid,
		pids: waiters.map(({pid}) => pid),
		tids: onceLasting(
			moment,
			threads.map(({tid}) => tid),
		),
		title:
			`Stuck: ${plural(waiters.length, 'process')} wait for a lock on ${name}, held by process ${chainText(chain)}`.replace(
				/^(Stuck: 1 process) wait /,
				'$1 waits ',
			),
		evidence: [
			fact('processes waiting', waiters.length, 'processes', '/proc/locks'),
			fact('held by process', nameOf(holder), '', '/proc/locks'),
			...chain
				.slice(1)
				.map(
					(child): Evidence =>
						fact(
							'which waits for the end of its child',
							nameOf(child),
							'',
							procFile([child], 'stat'),
						),
				),
			fact('which meanwhile', doingOf(chain.at(-1)!), '', procFile(chain.slice(-1), 'syscall')),
			fact(
				'switches of the holder and all processes below it',
				0,
				'/s',
				procFile(family, 'task/*/status'),
			),
		],
		cost: costOf(threads),
		fixes: [giveBack, doNotQueue],
		next: [seeHolder, stackStep(chain.at(-1)!, 'see what the holder is in the middle of')],
	};
};

/** Locks on files whose holders do not move, nor anything below them. */
export const stuckFileLocks = (moment: Moment): readonly Candidate[] =>
	stuckFilesOf(moment).map(each => ofFile(each, moment));
