import type {Fix} from '../model/finding.js';
import {type Blocked, blockedThreads} from './blocked-threads.js';
import type {ProcessGroup} from './group.js';
import {ioStallPercent} from './io-wait.js';
import {asRoot, costOf, fact, graded, procFile} from './parts.js';
import type {Candidate, Rule} from './rule.js';
import {orZero, sum} from './thread-facts.js';
import {plural, roughText} from './words.js';

/** From half a thread that waits on average. */
const fewestBlocked = 0.5;
const many = {warning: 1, critical: 8};

/** Where only the state is seen: most of the CPU goes into the kernel, and no disk is waited for. Measured 65 to 99 %. */
const hiddenSigns = {threads: 2, systemShare: 0.5, mostStallPercent: 10, cpuPercent: 30};

const addressSpace =
	/^(?:m(?:un|re)?map|mprotect|madvise|brk|mlock|munlock|page-fault|kernel-lock)$/;
const directory =
	/^(?:unlink|unlinkat|open|openat|rename|renameat|renameat2|mkdir|rmdir|creat|link)/;

const lockName = ({waits}: Blocked): string => {
	const [wait] = waits;
	const call = wait?.call ?? wait?.kind ?? '';
	if (addressSpace.test(call)) {
		return "the process's address space (mmap_lock)";
	}

	if (directory.test(call)) {
		return 'a directory';
	}

	return /write/.test(call) ? 'a file (its inode)' : 'the kernel';
};

const fixFor = ({waits}: Blocked): Fix => {
	const call = waits[0]?.call ?? waits[0]?.kind ?? '';
	if (addressSpace.test(call)) {
		return {
			what: 'Map and unmap less: keep buffers, larger malloc arenas, no trimming; or processes instead of threads',
			why: 'all threads of a process share one address space, and each mmap, munmap, mprotect and page fault takes its lock',
			command: 'MALLOC_TRIM_THRESHOLD_=268435456 MALLOC_MMAP_THRESHOLD_=268435456',
		};
	}

	if (directory.test(call)) {
		return {
			what: 'Spread the files over directories: one for each worker, or by hash',
			why: 'creating, renaming and unlinking take the lock of the directory, one at a time',
		};
	}

	return {
		what: 'One file for each writer, or one thread that writes for all',
		why: "writes to one file take its inode's lock, one at a time",
	};
};

const toCandidate = (group: ProcessGroup, blocked: Blocked): Candidate => {
	const {processes, threads, mean, hidden, waits} = blocked;
	const {pid} = processes[0]!;
	const channels = [
		...new Set(processes.flatMap(each => each.threads.map(thread => thread.waitChannel))),
	]
		.filter(Boolean)
		.slice(0, 3);
	const calls = waits.slice(0, 3).map(({call, kind}) => call ?? kind);
	const cpu = sum(processes, process => orZero(process.cpuPercent));
	const system = sum(processes, process => orZero(process.systemCpuPercent));
	return {
		subject: group.key,
		severity: graded(mean, many.warning, many.critical),
		confidence: hidden ? 'possible' : 'likely',
		pid,
		pids: processes.map(process => process.pid),
		tids: threads.map(({tid}) => tid),
		title:
			`${plural(threads.length, 'thread')} of ${group.name} wait for a lock of ${lockName(blocked)}, ${roughText(mean)} at a time`.replace(
				/^(1 thread .*?) wait /,
				'$1 waits ',
			),
		evidence: [
			fact(
				'threads asleep in the kernel without interruption, not for a disk, on average',
				mean,
				'threads',
				procFile(processes, hidden ? 'task/*/stat' : 'task/*/syscall'),
			),
			...(calls.length > 0
				? [fact('in the calls', calls.join(', '), '', procFile(processes, 'task/*/syscall'))]
				: []),
			...(channels.length > 0
				? [
						fact(
							'kernel functions that want the lock',
							channels.join(', '),
							'',
							procFile(processes, 'task/*/wchan'),
						),
					]
				: []),
			fact('CPU used', cpu, '%', procFile(processes, 'task/*/schedstat')),
			fact('of it in the kernel', system, '%', procFile(processes, 'stat')),
		],
		cost: costOf(threads),
		fixes: [
			fixFor(blocked),
			{
				what: 'Fewer threads that do this at the same time',
				why: 'one lock lets one of them through; the others spin, sleep and wake',
			},
		],
		next: [
			...(hidden ? [asRoot(pid)] : []),
			{
				what: 'see the kernel stacks of the waiting threads',
				command: `grep -H . /proc/${pid}/task/*/stack`,
				needs: 'root',
			},
			{
				what: 'see which kernel locks are fought for',
				command: 'perf lock contention -ab sleep 5',
				needs: 'root',
			},
		],
	};
};

const explanation = `Kernel lock: threads wait for a lock inside the kernel

What it is
  System calls take locks too. All threads of a process share its address space's lock
  (mmap_lock: mmap, munmap, page faults), all who create or unlink files in a directory
  share the directory's, all who write to a file its inode's. The CPU goes to the kernel.

How ctop knows
  The thread sleeps without interruption (state D) in a kernel function that waits for no
  device. The kernel leaves its lock functions out of the wait channel, so what shows is the
  function that wanted the lock: __vm_munmap, lock_mm_and_find_vma, do_unlinkat, path_openat,
  ext4_buffered_write_iter. From half a thread on average. That is likely.
  Another user's process, without root: two threads and more in state D at readings of the
  last three seconds, 30 % of a CPU used, half of it and more in the kernel, and no stalls by
  disks (/proc/pressure/io). That is possible.

What does not fool it
  Disks, which are waited for in the same state: see io-wait. Parents of vfork children.

How to fix it
  mmap_lock: reuse memory, fewer and larger mappings, no malloc trimming, populate ahead
  (MAP_POPULATE), processes instead of threads. Directories: spread files. Files: one writer.

Further reading
  docs.kernel.org/locking/, docs.kernel.org/mm/process_addrs.html, man 1 perf-lock
`;

/** Threads that wait for a lock inside the kernel. */
export const kernelLock: Rule = {
	name: 'kernel-lock',
	summary: 'threads wait for a lock inside the kernel: of the address space, a directory, a file',
	explanation,
	find: moment =>
		moment.groups.flatMap(group => {
			const blocked = blockedThreads(moment, group, ['kernel-lock']);
			if (blocked.mean < fewestBlocked) {
				return [];
			}

			const cpu = sum(blocked.processes, process => orZero(process.cpuPercent));
			const system = sum(blocked.processes, process => orZero(process.systemCpuPercent));
			// One alone fights with nobody: it may as well wait for a child that it has started (vfork).
			const isSign =
				blocked.threads.length >= hiddenSigns.threads &&
				cpu >= hiddenSigns.cpuPercent &&
				system >= cpu * hiddenSigns.systemShare &&
				(ioStallPercent(moment.latest) ?? 100) <= hiddenSigns.mostStallPercent;
			return blocked.hidden && !isSign ? [] : [toCandidate(group, blocked)];
		}),
};
