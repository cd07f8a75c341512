import type {Process} from '../model/process.js';
import type {Reading} from '../model/reading.js';
import type {Thread} from '../model/thread.js';
import {addReading} from './rates.js';
import type {ProcessEntry, ThreadEntry} from './task-entry.js';

/** See sched(7) and the kernel's uapi/linux/sched.h. */
const policyNames = ['other', 'fifo', 'rr', 'batch', undefined, 'idle', 'deadline', 'ext'];

// Every key is written, also those without a value: objects of one shape are small and fast, and JSON leaves such keys out.

const buildThread = (entry: ThreadEntry): Thread => ({
	tid: entry.tid,
	name: entry.name,
	state: entry.state,
	startTimeTicks: entry.startTimeTicks,
	voluntarySwitchesPerSecond: entry.voluntarySwitchesPerSecond,
	involuntarySwitchesPerSecond: entry.involuntarySwitchesPerSecond,
	cpuPercent: entry.cpuPercent,
	systemCpuPercent: entry.systemCpuPercent,
	runQueueWaitPercent: entry.runQueueWaitPercent,
	waitChannel: entry.waitChannel,
	wait: entry.wait,
	waits: entry.waits,
	stack: entry.stack,
	runtimeStack: entry.runtimeStack,
	runtimeStackNote: entry.runtimeStackNote,
	runtimeName: entry.runtimeName,
	role: entry.role,
	kernelWork: entry.kernelWork,
	lastCpu: entry.lastCpu,
	policy: policyNames[entry.policy],
	nice: entry.nice,
});

/** The thread as others see it: the same object as before when nothing changed. */
export const publishThread = (entry: ThreadEntry): Thread => {
	if (entry.dirty || entry.published === undefined) {
		entry.published = buildThread(entry);
		entry.dirty = false;
	}

	return entry.published;
};

/** The letters that ps(1) prints behind the state. */
export const stateFlags = (entry: ProcessEntry, threadCount = entry.threads.size): string =>
	(entry.nice < 0 ? '<' : '') +
	(entry.nice > 0 ? 'N' : '') +
	(entry.lockedPages ? 'L' : '') +
	(entry.session === entry.pid ? 's' : '') +
	(threadCount > 1 ? 'l' : '') +
	(entry.processGroup === entry.terminalProcessGroup ? '+' : '');

export type PublishContext = {
	/** Seconds since the epoch at which the machine's clock ticks began. */
	bootTimeSeconds: number;
	userName(userId: number): string | undefined;
	/** Threads that a process has, where not all of them were read; those that were otherwise. */
	threadCount?(entry: ProcessEntry): number;
};

/** Clock ticks a second in /proc: USER_HZ, 100 on every architecture that Node.js runs on. */
export const ticksPerSecond = 100;

const buildProcess = (entry: ProcessEntry, context: PublishContext): Process => {
	const threads = [...entry.threads.values()].map(publishThread);
	let voluntary: Reading<number>;
	let involuntary: Reading<number>;
	let cpu: Reading<number>;
	let runQueueWait: Reading<number>;
	for (const thread of entry.threads.values()) {
		voluntary = addReading(voluntary, thread.voluntarySwitchesPerSecond);
		involuntary = addReading(involuntary, thread.involuntarySwitchesPerSecond);
		cpu = addReading(cpu, thread.cpuPercent);
		runQueueWait = addReading(runQueueWait, thread.runQueueWaitPercent);
	}

	const threadCount = context.threadCount?.(entry) ?? entry.threads.size;
	const startedAt = (context.bootTimeSeconds + entry.startTimeTicks / ticksPerSecond) * 1000;
	return {
		pid: entry.pid,
		parentPid: entry.parentPid,
		startTime: new Date(startedAt).toISOString(),
		startTimeTicks: entry.startTimeTicks,
		name: entry.name,
		commandLine: entry.commandLine,
		user: entry.userId === undefined ? undefined : context.userName(entry.userId),
		userId: entry.userId,
		cgroup: entry.cgroup,
		state: entry.state,
		stateFlags: stateFlags(entry, threadCount),
		kernelThread: entry.kernelThread || undefined,
		threadCount,
		voluntarySwitchesPerSecond: voluntary,
		involuntarySwitchesPerSecond: involuntary,
		cpuPercent: cpu,
		systemCpuPercent: entry.systemCpuPercent,
		endedChildrenCpuPercent: entry.endedChildrenCpuPercent,
		runQueueWaitPercent: runQueueWait,
		cpusAllowed: entry.cpusAllowed,
		cpuQuotaPercent: entry.cpuQuotaPercent,
		throttling: entry.throttling,
		idleThreadCount: entry.idleThreadCount || undefined,
		runtime: entry.runtime,
		service: entry.service,
		locks: entry.locks,
		kernelWork: entry.kernelWork,
		pipeExchange: entry.pipeExchange,
		threads,
	};
};

/** The process as others see it: the same object as before when neither it nor a thread of it changed. */
export const publishProcess = (entry: ProcessEntry, context: PublishContext): Process => {
	if (entry.dirty || entry.published === undefined) {
		entry.published = buildProcess(entry, context);
		entry.dirty = false;
	}

	return entry.published;
};
