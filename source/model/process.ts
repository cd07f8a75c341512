import type {ProcessKernelWork, ThreadIo} from './kernel-work.js';
import type {Lock} from './lock.js';
import type {Reading} from './reading.js';
import type {TaskState, Thread} from './thread.js';

/** A language runtime and what it tells about its threads. */
export type Runtime = {
	/** `cpython`, `pypy`, `jvm`… */
	name: string;
	version?: string;
	/** What it was recognised by: `maps`, `exe` or, when those are refused, `commandLine`. */
	source: string;
	/** What its event loop waits with, such as `epoll`; missing where it has none or that can't be seen. */
	eventLoop?: string;
	gil?: Gil;
	/** Those of further interpreters in the process that have one of their own, as Python 3.12 and newer allow. */
	otherGils?: readonly Gil[];
	/** It has no such lock: a free-threaded build of Python, with its GIL switched off. */
	withoutGil?: true;
	/** Only of Node.js, while somebody looks at the process or its pool has much to do; missing where it can't be read. */
	threadPool?: ThreadPool;
	/** Only of Go, while the process uses much CPU; missing where it can't be read, and until some cycles have ended. */
	collector?: Collector;
	/** What of its locks can't be seen from outside, and the tool that shows it. */
	hint?: string;
};

/** The threads that libuv does files, name lookups, compression and cryptography with, as libuv itself counts them and their jobs. */
export type ThreadPool = {
	/** 0 until the first job. */
	threadCount: number;
	/** Threads that had a job: the mean of the looks of the interval. */
	busyThreads: number;
	/** Of these, those that looked up a name: half of the pool at most. */
	lookupThreads: number;
	/** Share of the looks at which a job waited for a thread. */
	queuedPercent: number;
	/** Jobs that waited for a thread at the last look; missing where they came and went too fast to be counted. */
	queuedJobs?: number;
	/** Of these, name lookups. */
	queuedLookups?: number;
	/** There were more than were counted. */
	queueIsLonger?: true;
};

/** What Go's runtime counted of its garbage collector, over the cycles that ended in the last seconds. */
export type Collector = {
	/** What it took to mark what lives, the program's own threads that had to help among it; 100 = one CPU. */
	cpuPercent: number;
	/** Of the CPU that the process used or waited for meanwhile, but for what is below: 100 at most. */
	sharePercent: number;
	/** Marking on CPUs that the program had no other use for; before Go 1.20 by the cycles that were seen. */
	idleCpuPercent: number;
	cyclesPerSecond: number;
	/** GOGC as it is in force, by whatever it was set; -1: off. */
	gcPercent?: number;
	/** GOMEMLIMIT as it is in force; missing where there is none. */
	memoryLimitBytes?: number;
	/** What lived when the last cycle ended. */
	liveHeapBytes?: number;
};

/** How often a thread was seen to hold the GIL, of all looks at it. */
export type GilHolder = {
	tid: number;
	percent: number;
	/** The line of the application that it was in most often meanwhile: `burn (pyload.py:6)`. */
	frame?: string;
};

/** The lock that lets one thread at a time run the interpreter. */
export type Gil = {
	/** Which of the process's interpreters it is of; missing where there is only one. */
	interpreterId?: number;
	/** Who held it at the last look; missing when nobody did, or when the runtime doesn't keep it. */
	holderTid?: Reading<number>;
	/** Why that isn't known, where the runtime keeps it to itself. */
	holderNote?: string;
	/** Who held it over the looks of the interval, most often first; missing where nobody was seen to. */
	holders?: readonly GilHolder[];
	/** Share of these looks at which nobody held it; missing where none could tell. */
	freePercent?: number;
	/** Mean number of threads that waited for it, over the looks of the interval. */
	waiters: number;
	waiterTids: readonly number[];
	handOffsPerSecond?: number;
	lockId?: string;
	/** Where the word lies, as evidence: `libpython3.11.so.1.0`, `[heap]`… */
	region: string;
};

/** A service recognised from its command line, with the settings that made its workers and threads. */
export type Service = {
	/** `gunicorn`, `uwsgi`, `celery`… */
	name: string;
	role?: 'master' | 'worker';
	/** Workers that the command line asks for; missing when it doesn't say. */
	workers?: number;
	/** Threads a worker that the command line asks for. */
	threadsPerWorker?: number;
	/** The option as it was written, such as `-w 40`. */
	workersSetting?: string;
	threadsSetting?: string;
};

/** What a CPU quota did to a process's cgroup over the interval; of nested ones, the one that was stopped most. */
export type Throttling = {
	/** The cgroup that the quota is set on. */
	cgroup: string;
	quotaPercent: number;
	/** Share of the quota's periods in which it was used up and everything in the cgroup was stopped. */
	throttledPeriodsPercent: number;
	/** Time that the cgroup was stopped; 100 = one CPU all the time. */
	throttledPercent: number;
};

/** What a process reads and writes that is joined to others by pipes, one in either direction. */
export type PipeExchange = ThreadIo & {
	/** Its parent, or those of its children. */
	peerPids: readonly number[];
};

/** One process; its rates are sums over its threads, those that lived through the whole interval. */
export type Process = {
	pid: number;
	parentPid: number;
	/** RFC 3339 UTC. */
	startTime: string;
	/** Since boot, in clock ticks; with the pid the process's identity. */
	startTimeTicks: number;
	name: string;
	/** Empty for kernel threads and zombies; null when refused. */
	commandLine?: Reading<readonly string[]>;
	user?: string;
	userId?: number;
	cgroup?: Reading<string>;
	state: TaskState;
	/** The letters that ps prints behind the state: `<NLsl+`. */
	stateFlags: string;
	kernelThread?: true;
	threadCount: number;
	voluntarySwitchesPerSecond?: Reading<number>;
	involuntarySwitchesPerSecond?: Reading<number>;
	cpuPercent?: Reading<number>;
	systemCpuPercent?: Reading<number>;
	/** CPU time of children that ended and that it has waited for, and of theirs, 100 = one CPU: see cutime in proc_pid_stat(5). */
	endedChildrenCpuPercent?: Reading<number>;
	/** Sum over the threads: 300 = on average three threads were runnable but had no CPU. */
	runQueueWaitPercent?: Reading<number>;
	/** CPUs that its affinity mask allows. */
	cpusAllowed?: number;
	/** CPU quota of its cgroup and of those above, 100 = one CPU; missing when there is none. */
	cpuQuotaPercent?: number;
	/** Missing where no quota applies or it was never used in the interval. */
	throttling?: Throttling;
	/** Threads that have not run for a minute and more; missing until it was watched for that long, or when there are none. */
	idleThreadCount?: number;
	runtime?: Runtime;
	service?: Service;
	locks?: readonly Lock[];
	/** Missing of most; null when refused. */
	kernelWork?: Reading<ProcessKernelWork>;
	/** Only of two that wake thousands of times a second, parent and child, one of them with several threads, with a pipe in either direction. */
	pipeExchange?: PipeExchange;
	threads: readonly Thread[];
};
