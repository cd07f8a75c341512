import {readdirSync} from 'node:fs';
import type {Process} from '../model/process.js';
import {readPath} from '../procfs/descriptor.js';
import {parsePasswd} from '../procfs/passwd.js';
import {readText} from '../procfs/read-text.js';
import {parseSchedstat} from '../procfs/schedstat.js';
import type {Target} from '../targets/target.js';
import {createCgroupQuotas} from './cgroup-quota.js';
import {createCgroupThrottling} from './cgroup-throttling.js';
import {createDescriptorBudget, type DescriptorBudget} from './descriptor-budget.js';
import {createDiscovery} from './discovery.js';
import {handOver} from './hand-over.js';
import type {MachineSample} from './machine.js';
import {
	refreshDescription,
	refreshStat,
	type StatChange,
	setProcessQuiet,
} from './process-details.js';
import {type PublishContext, publishProcess} from './publish.js';
import {createSleepers} from './sleepers.js';
import {createThreadSweeper} from './sweep.js';
import type {ProcessEntry, ThreadEntry} from './task-entry.js';
import {createTaskFiles, type TaskFiles} from './task-files.js';
import {createTaskTable, type TaskTable} from './task-table.js';
import {forgetRates} from './thread-rates.js';
import {runInSlices} from './time-slices.js';

/** What one sweep over all threads did. */
export type SweepReport = {
	/** Threads that ran since the last sweep, and new ones. */
	moved: readonly ThreadEntry[];
	/** Threads that didn't run, and whose waits there was no time to read until now. */
	postponed: readonly ThreadEntry[];
	sweepMilliseconds: number;
	/** Threads whose readings don't fit together, though they were tried again. */
	torn: number;
};

/** What a sweep found so far. */
type Swept = {moved: ThreadEntry[]; postponed: ThreadEntry[]; gone: ThreadEntry[]};

/** Keeps counters of every thread of a target and turns them into rates. */
export type Sampler = {
	readonly table: TaskTable;
	readonly files: TaskFiles;
	readonly budget: DescriptorBudget;
	/** Full walks over /proc so far. */
	readonly walks: number;
	/** Finds births and deaths and reads what changed; those that are in focus first. */
	sweep(machine: MachineSample, focus: ReadonlySet<number>): Promise<SweepReport>;
	/** Finds all processes and adds their first threads, without their counters. */
	glance(): readonly ThreadEntry[];
	/** Threads of a process, whether they were found yet or not. */
	countThreads(process: ProcessEntry): number;
	/** All processes in the order of their pids; unchanged ones are the same objects as before. */
	publish(machine: MachineSample, threadCount?: PublishContext['threadCount']): readonly Process[];
	close(): void;
};

const threadsBetweenYields = 64;
// Its rates have been zero for a while then, and what was seen of its waits is forgotten.
const quietSweepsToSleep = -3;
// Each sweep verifies this share of the threads: what others change about a thread (its name, its niceness) shows there.
const verifiedShare = 1 / 128;
// When the kernel counts more runnable threads than were seen, some woke without having run yet.
const suspiciousShare = 1 / 8;
const suspiciousSweeps = 3;
// In a pid namespace the kernel counts threads that can't be seen from here: their number says nothing then.
const mostUnknownThreads = 1.1;
const sweepsBetweenDescriptions = 30;
const sweepsBetweenIdleCounts = 5;
const longIdleMilliseconds = 60_000;

/** What a process changes about itself it changes when it is young: its title, its user, its cgroup. */
const isDescriptionDue = (sweeps: number): boolean =>
	sweeps < sweepsBetweenDescriptions
		? (sweeps & (sweeps - 1)) === 0
		: sweeps % sweepsBetweenDescriptions === 0;

const buffer = Buffer.allocUnsafe(256);

/** Whether the kernel keeps schedstat: without CONFIG_SCHED_INFO the file is missing or always zero. */
const keepsSchedstat = ({procRoot, ownKernel}: Target): boolean => {
	const counters = {runNanoseconds: 0, delayNanoseconds: 0, slices: 0};
	const hasRun = (file: string): boolean => {
		const length = readPath(file, buffer);
		return length > 0 && parseSchedstat(buffer, length, counters) && counters.runNanoseconds > 0;
	};

	return ownKernel
		? hasRun('/proc/self/schedstat')
		: readdirSync(procRoot).some(pid => hasRun(`${procRoot}/${pid}/task/${pid}/schedstat`));
};

export const createSampler = (target: Target, budget = createDescriptorBudget()): Sampler => {
	const sleepers = createSleepers();
	const files = createTaskFiles(target.procRoot, budget, sleepers);
	const table = createTaskTable(target, files);
	const discovery = createDiscovery(target, table);
	const sweeper = createThreadSweeper(files, keepsSchedstat(target));
	const quotas = createCgroupQuotas(target);
	const throttling = createCgroupThrottling(target);
	const userNames = parsePasswd(readText(target.passwdFile) ?? '');
	let sweeps = 0;
	let unseenRunnable = 0;
	let toVerify: Iterator<ThreadEntry> | undefined;
	let order: readonly ProcessEntry[] = [];
	let orderVersion = -1;

	const verifyOne = (entry: ThreadEntry): void => {
		sweeper.verify(entry);
		if (!entry.settled) {
			sleepers.wake(entry);
		}
	};

	/** Verifies a share of the threads, another one each time. */
	const verifySome = (share: number): void => {
		for (let count = Math.ceil(table.threads.size * share); count > 0; count--) {
			// The iterator of a map goes on though threads come and go.
			toVerify ??= table.threads.values();
			const next = toVerify.next();
			if (next.done) {
				toVerify = undefined;
			} else {
				verifyOne(next.value);
			}
		}
	};

	const inOrder = (focus: ReadonlySet<number>): readonly ProcessEntry[] => {
		if (orderVersion !== table.version) {
			order = [...table.processes.values()].sort((a, b) => a.pid - b.pid);
			orderVersion = table.version;
		}

		if (focus.size === 0) {
			return order;
		}

		return [
			...order.filter(process => focus.has(process.pid)),
			...order.filter(process => !focus.has(process.pid)),
		];
	};

	const applyChange = (process: ProcessEntry, change: StatChange): void => {
		if (change === 'replaced') {
			table.removeProcess(process);
			discovery.revisit(process.pid);
		}

		if (change === 'exec') {
			// exec(2) in another than the main thread leaves that one with the counters of the other.
			for (const entry of process.threads.values()) {
				sleepers.wake(entry);
				forgetRates(entry, undefined);
			}
		}
	};

	/** A thread's file says that it has exited, but its id may have been handed out again: that one's counters begin now. */
	const removeGone = (entry: ThreadEntry, moved: ThreadEntry[]): void => {
		const {pid} = entry.process;
		table.remove(entry);
		if (entry.tid === pid) {
			discovery.revisit(pid);
		} else {
			table.add(pid, entry.tid);
		}

		const successor = table.threads.get(entry.tid);
		if (successor && sweeper.sweep(successor) === 'moved') {
			moved.push(successor);
		}
	};

	const refreshProcess = (process: ProcessEntry): void => {
		if (process.threads.size === 0) {
			return;
		}

		process.sweeps ||= sweeps === 1 ? sweepsBetweenDescriptions + process.pid : 0;
		process.sweeps++;
		const isDue = isDescriptionDue(process.sweeps);
		if (process.active || isDue) {
			applyChange(process, refreshStat(process, target));
		}

		if (!process.active) {
			setProcessQuiet(process);
		}

		if ((process.sweeps + process.pid) % sweepsBetweenIdleCounts === 0) {
			countIdle(process);
		}

		if (isDue) {
			refreshDescription(process, target);
		}

		const quota = process.cgroup ? quotas.quotaOf(process.pid, process.cgroup) : undefined;
		if (quota !== process.cpuQuotaPercent) {
			process.cpuQuotaPercent = quota;
			process.dirty = true;
		}

		const throttled =
			quota !== undefined && process.cgroup
				? throttling.of(process.pid, process.cgroup)
				: undefined;
		process.dirty ||= throttled !== process.throttling;
		process.throttling = throttled;
	};

	const countIdle = (process: ProcessEntry): void => {
		const now = performance.now();
		let idle = 0;
		for (const {ranAtMilliseconds} of process.threads.values()) {
			idle += now - ranAtMilliseconds >= longIdleMilliseconds ? 1 : 0;
		}

		process.dirty ||= process.idleThreadCount !== idle;
		process.idleThreadCount = idle;
	};

	/** Reads one thread; it joins the sleepers when it has been quiet for a while. */
	const sweepThread = (entry: ThreadEntry, {moved, postponed, gone}: Swept): void => {
		const result = sweeper.sweep(entry);
		if (result === 'moved') {
			moved.push(entry);
		} else if (result === 'postponed') {
			postponed.push(entry);
		} else if (result === 'gone') {
			gone.push(entry);
		} else if (result === 'still' && entry.activeSweeps <= quietSweepsToSleep) {
			sleepers.add(entry);
		}
	};

	/** Reads all threads that are not among the sleepers, and says of them what was found. */
	const sweepThreads = function* (focus: ReadonlySet<number>, swept: Swept) {
		let sinceYield = 0;
		for (const process of inOrder(focus)) {
			process.active = false;
			for (const entry of process.awake) {
				sweepThread(entry, swept);
				if (++sinceYield % threadsBetweenYields === 0) {
					yield;
				}
			}

			for (const entry of swept.gone.splice(0)) {
				removeGone(entry, swept.moved);
			}

			refreshProcess(process);
		}
	};

	const verify = (machine: MachineSample, moved: readonly ThreadEntry[]): void => {
		// This program is among those that the kernel counts, and among those that were seen.
		const running = moved.filter(entry => entry.state === 'R').length;
		const {runnable = 0, threads = 0} = machine.load ?? {};
		const countsOurs = target.ownKernel && threads <= table.threads.size * mostUnknownThreads;
		unseenRunnable = countsOurs && runnable > running ? unseenRunnable + 1 : 0;
		verifySome(unseenRunnable >= suspiciousSweeps ? suspiciousShare : verifiedShare);
	};

	return {
		table,
		files,
		budget,
		get walks() {
			return discovery.walks;
		},
		async sweep(machine, focus) {
			sweeps++;
			throttling.nextSweep();
			const swept: Swept = {moved: [], postponed: [], gone: []};
			const {moved, postponed} = swept;
			const discoveryMilliseconds = await runInSlices(discovery.look(machine.load));
			const sleepersMilliseconds = await runInSlices(sleepers.sweep());
			const sweepMilliseconds = await runInSlices(sweepThreads(focus, swept));
			verify(machine, moved);
			handOver(table.threads.values(), files, budget);
			return {
				moved,
				postponed,
				torn: sweeper.takeTorn(),
				sweepMilliseconds: discoveryMilliseconds + sleepersMilliseconds + sweepMilliseconds,
			};
		},
		glance() {
			discovery.glance();
			return [...table.processes.values()].flatMap(({pid, threads}) => threads.get(pid) ?? []);
		},
		countThreads: discovery.countThreads,
		publish(machine, threadCount) {
			const context: PublishContext = {
				...(threadCount && {threadCount}),
				bootTimeSeconds: machine.stat?.bootTimeSeconds ?? 0,
				userName: userId => userNames.get(userId),
			};
			return inOrder(new Set()).map(process => publishProcess(process, context));
		},
		close() {
			for (const entry of table.threads.values()) {
				files.release(entry);
			}
		},
	};
};
