import type {Process} from '../model/process.js';
import {readPath} from '../procfs/descriptor.js';
import {parsePasswd} from '../procfs/passwd.js';
import {readText} from '../procfs/read-text.js';
import {parseSchedstat} from '../procfs/schedstat.js';
import type {Target} from '../targets/target.js';
import {createCgroupQuotas} from './cgroup-quota.js';
import {createDescriptorBudget, type DescriptorBudget} from './descriptor-budget.js';
import {createDiscovery} from './discovery.js';
import type {MachineSample} from './machine.js';
import {refreshDescription, refreshStat} from './process-details.js';
import {type PublishContext, publishProcess} from './publish.js';
import {createThreadSweeper} from './sweep.js';
import type {ProcessEntry, ThreadEntry} from './task-entry.js';
import {createTaskFiles, type TaskFiles} from './task-files.js';
import {createTaskTable, type TaskTable} from './task-table.js';
import {runInSlices} from './time-slices.js';

/** What one sweep over all threads did. */
export type SweepReport = {
	/** Threads that ran since the last sweep, and new ones. */
	moved: readonly ThreadEntry[];
	/** Settled threads whose other files differed though the gate saw no change. */
	disagreements: number;
	sweepMilliseconds: number;
};

/** Keeps counters of every thread of a target and turns them into rates. */
export type Sampler = {
	readonly table: TaskTable;
	readonly files: TaskFiles;
	readonly budget: DescriptorBudget;
	/** Finds births and deaths and reads what changed; those that are in focus first. */
	sweep(machine: MachineSample, focus: ReadonlySet<number>): Promise<SweepReport>;
	/** All processes in the order of their pids; unchanged ones are the same objects as before. */
	publish(machine: MachineSample): readonly Process[];
	close(): void;
};

const threadsBetweenYields = 64;
// Each sweep verifies this share of the settled threads: what others change about a thread (its name, its stop) shows there.
const verifiedShare = 1 / 128;
// When the kernel counts more runnable threads than were seen, some woke without having run yet.
const suspiciousShare = 1 / 8;
const suspiciousSweeps = 3;
const sweepsBetweenDescriptions = 30;

const buffer = Buffer.allocUnsafe(256);

/** Whether this kernel keeps schedstat: without CONFIG_SCHED_INFO the file is missing or always zero. */
const keepsSchedstat = ({procRoot, ownKernel}: Target): boolean => {
	if (!ownKernel) {
		return true;
	}

	const counters = {runNanoseconds: 0, delayNanoseconds: 0, slices: 0};
	const length = readPath(`${procRoot}/self/schedstat`, buffer);
	return length > 0 && parseSchedstat(buffer, length, counters) && counters.runNanoseconds > 0;
};

export const createSampler = (target: Target, budget = createDescriptorBudget()): Sampler => {
	const files = createTaskFiles(target.procRoot, budget);
	const table = createTaskTable(target, files);
	const discovery = createDiscovery(target, table);
	const sweeper = createThreadSweeper(files, keepsSchedstat(target));
	const quotas = createCgroupQuotas(target);
	const userNames = parsePasswd(readText(target.passwdFile) ?? '');
	let sweeps = 0;
	let unseenRunnable = 0;
	let verifyFrom = 0;
	let order: readonly ProcessEntry[] = [];
	let orderVersion = -1;

	/** Verifies a share of the settled threads, another one each time. */
	const verifySome = (threads: readonly ThreadEntry[], share: number): number => {
		const count = Math.ceil(threads.length * share);
		let disagreements = 0;
		for (let index = 0; index < count; index++) {
			const entry = threads[(verifyFrom + index) % threads.length]!;
			if (entry.settled && sweeper.verify(entry)) {
				disagreements++;
			}
		}

		verifyFrom = (verifyFrom + count) % Math.max(1, threads.length);
		return disagreements;
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

	const refreshProcess = (process: ProcessEntry): void => {
		if (process.active || process.systemCpuPercent) {
			refreshStat(process, target);
		}

		// What others may change about a process, or it about itself, without a sign in the files that are read each time.
		if ((sweeps + process.pid) % sweepsBetweenDescriptions === 0) {
			refreshStat(process, target);
			refreshDescription(process, target);
		}

		const quota = process.cgroup ? quotas.quotaOf(process.pid, process.cgroup) : undefined;
		if (quota !== process.cpuQuotaPercent) {
			process.cpuQuotaPercent = quota;
			process.dirty = true;
		}
	};

	/** Reads all threads; those that ran are added to `moved`. */
	const sweepThreads = function* (focus: ReadonlySet<number>, moved: ThreadEntry[]) {
		let sinceYield = 0;
		for (const process of inOrder(focus)) {
			process.active = false;
			for (const entry of process.threads.values()) {
				const result = sweeper.sweep(entry);
				if (result === 'moved') {
					moved.push(entry);
				} else if (result === 'gone') {
					table.remove(entry);
				}

				if (++sinceYield % threadsBetweenYields === 0) {
					yield;
				}
			}

			refreshProcess(process);
		}
	};

	const verify = (machine: MachineSample, moved: readonly ThreadEntry[]): number => {
		const running = moved.filter(entry => entry.state === 'R').length;
		unseenRunnable = (machine.load?.runnable ?? 0) > running + 1 ? unseenRunnable + 1 : 0;
		const suspicious = target.ownKernel && unseenRunnable >= suspiciousSweeps;
		return verifySome([...table.threads.values()], suspicious ? suspiciousShare : verifiedShare);
	};

	return {
		table,
		files,
		budget,
		async sweep(machine, focus) {
			sweeps++;
			const moved: ThreadEntry[] = [];
			const discoveryMilliseconds = await runInSlices(discovery.look(machine.load));
			const sweepMilliseconds = await runInSlices(sweepThreads(focus, moved));
			return {
				moved,
				disagreements: verify(machine, moved),
				sweepMilliseconds: discoveryMilliseconds + sweepMilliseconds,
			};
		},
		publish(machine) {
			const context: PublishContext = {
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
