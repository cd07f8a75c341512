import type {Process} from '../model/process.js';
import {isKnown} from '../model/reading.js';
import {costOf, fact, graded} from './parts.js';
import type {Candidate, Moment, Rule} from './rule.js';
import {orZero} from './thread-facts.js';
import {meanWaiting} from './wait-facts.js';
import {roughText} from './words.js';

/** Share of all time in which some task waits for memory; a machine with enough has 0. */
const leastStallPercent = {usual: 10, thrashing: 5, thrashingFast: 1.5};
const many = {warning: 10, critical: 40};

/**
Pages moved to and from a disk. Where the kernel accounts for stalls a few are enough: measured 150 a second of three threads behind a cgroup's
limit, on a disk that takes 6 ms for each.
*/
const swapping = {pagesPerSecond: 200, readBackPerSecond: 50, reclaimedPerSecond: 2000};
/**
On a fast disk each takes little: measured 20,000 a second and more, with stalls of 8 to 67 % by turns, of one thread behind a cgroup's limit
2.6 %. What is read for the first time makes none.
*/
const thrashing = {pagesPerSecond: 2000, fastPagesPerSecond: 10_000};

const leastStallWith = (readBackPerSecond: number): number => {
	if (readBackPerSecond >= thrashing.fastPagesPerSecond) {
		return leastStallPercent.thrashingFast;
	}

	return readBackPerSecond >= thrashing.pagesPerSecond
		? leastStallPercent.thrashing
		: leastStallPercent.usual;
};

const stallOf = ({latest}: Moment): number | undefined => {
	const memory = latest.system.pressure?.memory;
	return isKnown(memory) ? (memory.some.stallPercent ?? memory.some.avg10Percent) : undefined;
};

const isMemoryWait = ({kind, call}: {kind: string; call?: string}): boolean =>
	kind === 'page-fault' || (kind === 'disk' && call === undefined);

/** Threads that wait where memory is found or read back: the process that suffers most, where it can be seen. */
const worstOf = ({latest}: Moment): Process | undefined =>
	latest.processes
		.filter(process => !process.kernelThread)
		.map(process => ({
			process,
			waiting:
				meanWaiting(process.threads, isMemoryWait) +
				process.threads.filter(({state}) => state === 'D').length / 10,
		}))
		.filter(({waiting}) => waiting >= 0.1)
		.sort((one, other) => other.waiting - one.waiting)[0]?.process;

const toCandidate = (moment: Moment, stall: number | undefined): Candidate => {
	const {paging, memory} = moment.latest.system;
	const worst = worstOf(moment);
	const tids = (worst?.threads ?? [])
		.filter(thread => thread.state === 'D' || meanWaiting([thread], isMemoryWait) > 0)
		.map(({tid}) => tid);
	const moved = orZero(paging?.swapInPagesPerSecond) + orZero(paging?.swapOutPagesPerSecond);
	return {
		subject: 'machine',
		severity: stall === undefined ? 'warning' : graded(stall, many.warning, many.critical),
		confidence: 'certain',
		...(worst && {pid: worst.pid}),
		pids: worst ? [worst.pid] : [],
		tids,
		title: `Memory is short: ${stall === undefined ? `${roughText(moved)} pages a second are swapped` : `some thread waits for it ${Math.round(stall)} % of the time`}`,
		evidence: [
			...(stall === undefined
				? []
				: [
						fact('time in which some thread waits for memory', stall, '%', '/proc/pressure/memory'),
					]),
			fact(
				'pages read back from a disk',
				orZero(paging?.majorFaultsPerSecond),
				'/s',
				'/proc/vmstat',
			),
			fact('pages swapped in and out', moved, '/s', '/proc/vmstat'),
			fact(
				'pages that threads freed for themselves',
				orZero(paging?.directReclaimPagesPerSecond),
				'/s',
				'/proc/vmstat',
			),
			...(memory
				? [
						fact(
							'memory available',
							(memory.availableBytes / memory.totalBytes) * 100,
							'%',
							'/proc/meminfo',
						),
					]
				: []),
			...(worst
				? [
						fact(
							'who waits most',
							`${worst.pid} ${worst.name}`,
							'',
							`/proc/${worst.pid}/task/*/stat`,
						),
					]
				: []),
		],
		cost: costOf(worst ? [worst] : []),
		fixes: [
			{
				what: 'Give back memory: fewer workers, smaller caches, smaller heaps, or a higher limit of the cgroup',
				why: 'what is touched no longer fits; each page that is read back costs a disk access in the middle of the work',
				command:
					'grep . /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null',
			},
			{
				what: 'Stop it before everything stands still',
				why: 'a machine that thrashes answers nobody; killing one process early saves the others',
				command: 'systemctl enable --now systemd-oomd  # or earlyoom',
			},
		],
		next: [
			{what: 'see who has how much', command: 'ps axo pid,rss,pmem,args --sort -rss | head'},
			{what: 'see swapping and reclaim each second', command: 'vmstat 1'},
			...(worst ? [{what: 'look at who waits most', command: `ctop -p ${worst.pid}`}] : []),
		],
	};
};

const explanation = `Memory stall: threads wait for memory

What it is
  Memory is so short that the kernel takes pages away which are needed again a moment later:
  swapping, or reading the program's own code from the disk again and again, or freeing pages
  in the middle of an allocation. Inside a cgroup with a memory limit the machine may have
  plenty left.

How ctop knows
  The kernel's own account (/proc/pressure/memory): some thread waits for memory 10 % of the
  time and more, while pages are read back, swapped or reclaimed (/proc/vmstat); 5 % where
  2,000 pages a second and more are read back, which a fast disk does in little time, 1.5 %
  where it's 10,000. Kernels
  without the account: 200 pages a second swapped. Everybody may read both.

What does not fool it
  Memory that is full of cache: that is what it is for. Swap that is used but quiet.

What /proc can't tell
  Which cgroup it is, for other users: memory.pressure in its directory does.

How to fix it
  Fewer workers, smaller heaps and caches, a higher limit. earlyoom or systemd-oomd.

Further reading
  docs.kernel.org/accounting/psi.html, man 5 proc_vmstat, man 1 vmstat
`;

/** Threads that wait for memory: swapping and reclaim. */
export const memoryStall: Rule = {
	name: 'memory-stall',
	summary: 'threads wait for memory: swapping or reclaim',
	explanation,
	find: moment => {
		const stall = stallOf(moment);
		const {paging} = moment.latest.system;
		const swapped = orZero(paging?.swapInPagesPerSecond) + orZero(paging?.swapOutPagesPerSecond);
		const readBack = orZero(paging?.majorFaultsPerSecond);
		const moves =
			swapped >= swapping.pagesPerSecond ||
			readBack >= swapping.readBackPerSecond ||
			orZero(paging?.directReclaimPagesPerSecond) >= swapping.reclaimedPerSecond;
		const stalls =
			stall === undefined
				? swapped >= swapping.pagesPerSecond
				: moves && stall >= leastStallWith(readBack);
		return stalls ? [toCandidate(moment, stall)] : [];
	},
};
