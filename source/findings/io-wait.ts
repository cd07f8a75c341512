import type {Evidence} from '../model/finding.js';
import {isKnown} from '../model/reading.js';
import type {Snapshot} from '../model/snapshot.js';
import {waitName} from '../model/wait-name.js';
import {type Blocked, blockedThreads} from './blocked-threads.js';
import type {ProcessGroup} from './group.js';
import {asRoot, costOf, fact, graded, procFile} from './parts.js';
import type {Candidate, Moment, Rule} from './rule.js';
import {orZero} from './thread-facts.js';
import {plural, roughText} from './words.js';

/** From half a thread that waits on average. */
const fewestBlocked = 0.5;
const many = {warning: 2, critical: 16};

/** The kernel's own account of stalls says whether it's the disks: measured 85 to 90 %, and 0 with locks of the kernel. */
const leastStallPercent = {seen: 10, hidden: 30, sure: 60};

/** A fast disk answers between two looks: measured 0.5 to 5 of eight threads that do nothing else, in one and the same minute. */
const fewestSeen = 0.2;

/** Share of all time in which some task waited for a disk; nothing where the kernel doesn't tell. */
export const ioStallPercent = ({system}: Snapshot): number | undefined => {
	const io = system.pressure?.io;
	return isKnown(io) ? (io.some.stallPercent ?? io.some.avg10Percent) : undefined;
};

const placeText = ({waits, processes}: Blocked): string =>
	waits
		.slice(0, 3)
		.map(wait => {
			const {target, fd} = wait;
			const place = target ?? (fd === undefined ? '' : `descriptor ${fd}`);
			return `${waitName(wait)}${place === '' ? '' : ` on ${place}`}`;
		})
		.join('; ') ||
	(processes[0]?.threads.find(({waitChannel}) => waitChannel)?.waitChannel ?? '');

const evidenceOf = (blocked: Blocked, latest: Snapshot): Evidence[] => {
	const {processes, mean, hidden} = blocked;
	const where = placeText(blocked);
	const stall = ioStallPercent(latest);
	const iowait = latest.system.cpu?.iowaitPercent;
	return [
		fact(
			'threads waiting for a disk, on average',
			mean,
			'threads',
			procFile(processes, hidden ? 'task/*/stat' : 'task/*/syscall'),
		),
		...(where === '' ? [] : [fact('waits in', where, '', procFile(processes, 'task/*/syscall'))]),
		...(stall === undefined
			? []
			: [
					fact(
						'time in which some thread of the machine waits for a disk',
						stall,
						'%',
						'/proc/pressure/io',
					),
				]),
		...(iowait === undefined
			? []
			: [fact('CPUs idle for want of a disk', iowait, '%', '/proc/stat')]),
	];
};

const toCandidate = (group: ProcessGroup, blocked: Blocked, latest: Snapshot): Candidate => {
	const {processes, threads, mean, hidden, waits} = blocked;
	const {pid} = processes.toSorted(
		(one, other) =>
			orZero(other.voluntarySwitchesPerSecond) - orZero(one.voluntarySwitchesPerSecond),
	)[0]!;
	const syncs = waits.some(({call}) => call !== undefined && /sync/.test(call));
	const {target} = waits[0] ?? {};
	return {
		subject: group.key,
		severity: graded(mean, many.warning, many.critical),
		confidence: hidden ? 'possible' : 'likely',
		pid,
		pids: processes.map(process => process.pid),
		tids: threads.map(({tid}) => tid),
		title:
			`${plural(threads.length, 'thread')} of ${group.name} wait for a disk, ${roughText(mean)} at a time${target ? `: ${target}` : ''}`.replace(
				/^(1 thread .*?) wait /,
				'$1 waits ',
			),
		evidence: evidenceOf(blocked, latest),
		cost: costOf(threads),
		fixes: [
			...(syncs
				? [
						{
							what: 'Sync once for many writes: group commits, one fsync for a batch, fdatasync',
							why: 'each fsync waits until the device has written everything; they queue behind each other',
							command:
								'Redis: appendfsync everysec; PostgreSQL: commit_delay, synchronous_commit = off; SQLite: PRAGMA synchronous = NORMAL',
						},
					]
				: [
						{
							what: 'Read ahead, in larger pieces, or keep it in memory',
							why: 'a thread that waits for one small read at a time gets one disk latency of work done each',
						},
					]),
			{
				what: 'More requests at a time if the device is not busy, a faster device if it is',
				why: 'iostat tells: with a queue the device is the limit, without one the latency is',
				command: 'iostat -x 1',
			},
		],
		next: [
			...(hidden ? [asRoot(pid)] : []),
			{what: 'see which device is busy, and how deep its queue is', command: 'iostat -xz 1 5'},
			{
				what: 'see who reads and writes how much',
				command: `pidstat -d -t -p ${pid} 1 5`,
				needs: 'root',
			},
			{
				what: 'see the open files',
				command: `ls -l /proc/${pid}/fd`,
				needs: 'root or the same user',
			},
		],
	};
};

/** Those as well that read mapped files: they wait in a page fault, unless it is for memory. */
const atPages = (moment: Moment, group: ProcessGroup, inCalls: Blocked): Blocked => {
	const all = blockedThreads(moment, group, ['disk', 'page-fault']);
	return all.threads.every(({tid}) => moment.isExplained(tid)) ? inCalls : all;
};

const explanation = `I/O wait: threads wait for a disk

What it is
  Threads asleep until a device has read or written something: in fsync, in reads that the
  page cache doesn't have, in writes that are held back. On a fast disk that looks like a
  thrash in the counters: 60,000 switches a second with little CPU each.

How ctop knows
  The system call (fsync, fdatasync, sync) or the kernel function that a thread sleeps in
  (submit_bio_wait, folio_wait_bit, jbd2_…, xfs_log_…) is one that waits for a device; from
  half a thread on average over three seconds. The kernel's account of stalls,
  /proc/pressure/io, must agree; where it says 60 % and more, a fifth of a thread is enough,
  because a fast disk answers between two looks. Where it says 30 % and more, page faults that
  no want of memory explains count as well: files that are mapped are read in these.
  Another user's process, without root: state D and the stalls alone. That is possible.

What does not fool it
  Locks of the kernel, which are uninterruptible sleeps too: see kernel-lock. Sockets and
  pipes. The load average, which counts both.

How to fix it
  Fewer, larger writes; one fsync for many of them. Logs and data on different devices.
  Reads: an index, a cache, read-ahead. Writers held back (balance_dirty_pages): smaller
  vm.dirty_ratio, ionice for what may wait. Network file systems: see their server.

Further reading
  man 1 iostat, docs.kernel.org/accounting/psi.html, man 2 fsync
`;

/** Threads that wait for a disk. */
export const ioWait: Rule = {
	name: 'io-wait',
	summary: 'threads wait for a disk',
	explanation,
	find: moment => {
		const {latest, groups} = moment;
		const stall = ioStallPercent(latest);
		if (stall !== undefined && stall < leastStallPercent.seen) {
			return [];
		}

		const isLikely = (stall ?? 0) >= leastStallPercent.hidden;
		const fewest = (stall ?? 0) >= leastStallPercent.sure ? fewestSeen : fewestBlocked;
		return groups.flatMap(group => {
			const inCalls = blockedThreads(moment, group, ['disk']);
			const blocked = inCalls.mean < fewest && isLikely ? atPages(moment, group, inCalls) : inCalls;
			return blocked.mean >= fewest && (isLikely || !blocked.hidden)
				? [toCandidate(group, blocked, latest)]
				: [];
		});
	},
};
