import type {Reading} from './reading.js';

export type Host = {
	name: string;
	bootId?: string;
	kernel: string;
	architecture: string;
	/** CPUs that are online. */
	cpus: number;
	/** CPUs that the observer itself may use. */
	cpusAllowed: number;
	/** CPU quota of the observer's cgroup, 100 = one CPU; missing when there is none. */
	cpuQuotaPercent?: number;
	/** What kind of container the observer is in; missing when it is in none. */
	container?: string;
};

/** Shares of all CPUs' time over the interval: they sum to 100, as in vmstat(8). */
export type CpuSplit = {
	userPercent: number;
	nicePercent: number;
	systemPercent: number;
	idlePercent: number;
	iowaitPercent: number;
	irqPercent: number;
	softirqPercent: number;
	stealPercent: number;
};

/** Pressure stall information: share of the time that some or all tasks were stalled, see the kernel's psi.rst. */
export type PressureLine = {
	avg10Percent: number;
	avg60Percent: number;
	avg300Percent: number;
	/** Over the interval. */
	stallPercent?: number;
};

export type Pressure = {some: PressureLine; full?: PressureLine};

export type Memory = {
	totalBytes: number;
	availableBytes: number;
	swapTotalBytes: number;
	swapFreeBytes: number;
};

/** What the kernel does to find memory, see proc_vmstat(5). */
export type Paging = {
	/** Pages that had to be read from a disk because somebody touched them. */
	majorFaultsPerSecond: number;
	swapInPagesPerSecond: number;
	swapOutPagesPerSecond: number;
	/** Pages that threads which wanted memory had to free for themselves. */
	directReclaimPagesPerSecond: number;
	/** Pages of files that were written to; missing where the kernel doesn't count them. */
	dirtiedPagesPerSecond?: number;
};

/** What wakes threads and is no other thread, counted on the whole machine: read where waits of processes are refused. */
export type WakeSources = {
	/** Of the CPUs' own timers, for the scheduler's ticks and for sleeps and time limits that ran out; missing where it isn't known which interrupt that is. */
	timerInterruptsPerSecond?: number;
	/** Packets received, loopback among them, in all network namespaces. */
	receivedPacketsPerSecond?: number;
};

/** The machine as a whole. */
export type System = {
	uptimeSeconds: number;
	loadAverage: readonly [number, number, number];
	/** Threads that run or want a CPU now, the observer among them. */
	runnable: number;
	/** Tasks in uninterruptible sleep now. */
	blocked: number;
	threads: number;
	contextSwitchesPerSecond?: number;
	forksPerSecond?: number;
	cpu?: CpuSplit;
	pressure?: {cpu?: Reading<Pressure>; io?: Reading<Pressure>; memory?: Reading<Pressure>};
	memory?: Memory;
	paging?: Paging;
	/** TCP connections accepted, in the observer's network namespace; see PassiveOpens in RFC 4022. */
	tcpAcceptsPerSecond?: number;
	/** TCP connections made there; those to this machine itself were accepted there as well; see ActiveOpens in RFC 4022. */
	tcpConnectsPerSecond?: number;
	/** TCP segments received there, over loopback too; see InSegs in RFC 4022. */
	tcpSegmentsReceivedPerSecond?: number;
	/** Missing where ctop may look into all processes. */
	wakeSources?: WakeSources;
};
