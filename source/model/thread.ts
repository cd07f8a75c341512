import type {ThreadKernelWork} from './kernel-work.js';
import type {Reading} from './reading.js';
import type {Wait, WaitShare} from './wait.js';

/** Kernel's letter for a task's state, see proc_pid_stat(5). */
export type TaskState = string;

/** One thread (task) at one moment. Rates are over the time that passed between its own two readings. */
export type Thread = {
	tid: number;
	name: string;
	state: TaskState;
	/** Since boot, in clock ticks; with the tid the thread's identity. */
	startTimeTicks: number;
	/** Missing until there are two readings. */
	voluntarySwitchesPerSecond?: Reading<number>;
	involuntarySwitchesPerSecond?: Reading<number>;
	/** 100 = one CPU. */
	cpuPercent?: Reading<number>;
	systemCpuPercent?: Reading<number>;
	/** Share of the time that it was runnable but had no CPU; 100 = all the time. */
	runQueueWaitPercent?: Reading<number>;
	/** Kernel function that it sleeps in; null when refused, missing when it runs or the kernel doesn't say. */
	waitChannel?: Reading<string>;
	/** What it waits for at the moment; null when refused. */
	wait?: Reading<Wait>;
	/** What it was seen to wait for during the interval, most often first; only for threads that were looked at. */
	waits?: readonly WaitShare[];
	/** Native frames, innermost first: `pthread_mutex_lock+0x112`. */
	stack?: readonly string[];
	/** The language runtime's own frames, innermost first: `_poll (pykafka/producer.py:312)`. */
	runtimeStack?: readonly string[];
	/** Why it has none although it runs the runtime's code: `running Java code: no frame recorded`. */
	runtimeStackNote?: string;
	/** What the runtime calls the thread, where that isn't the kernel's name: `http-nio-8080-exec-3`. */
	runtimeName?: string;
	/** What the runtime has the thread for: `libuv pool`, `garbage collector`, `timer`… */
	role?: string;
	/** Missing of most. */
	kernelWork?: ThreadKernelWork;
	lastCpu?: number;
	/** `other`, `fifo`, `rr`, `batch`, `idle`, `deadline`; see sched(7). */
	policy?: string;
	nice?: number;
};
