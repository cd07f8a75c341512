import type {ProcessKernelWork, ThreadKernelWork} from '../model/kernel-work.js';
import type {Lock} from '../model/lock.js';
import type {PipeExchange, Process, Runtime, Service, Throttling} from '../model/process.js';
import type {Reading} from '../model/reading.js';
import type {Thread} from '../model/thread.js';
import type {Wait, WaitShare} from '../model/wait.js';

/** No descriptor is held. */
export const noDescriptor = -1;

/**
What the sampler remembers of one thread between two sweeps. It is changed in place; readers outside get the `published`
object, which is never changed.
*/
export type ThreadEntry = {
	readonly process: ProcessEntry;
	readonly tid: number;
	startTimeTicks: number;
	name: string;
	nameHash: number;
	state: string;
	policy: number;
	nice: number;
	lastCpu: number;

	schedstatDescriptor: number;
	statusDescriptor: number;
	syscallDescriptor: number;
	waitChannelDescriptor: number;

	/** Counters as they were read last; -1 until then. */
	runNanoseconds: number;
	delayNanoseconds: number;
	slices: number;
	voluntarySwitches: number;
	involuntarySwitches: number;
	userTicks: number;
	systemTicks: number;
	/** When it was seen to have run last, or seen first, on the monotonic clock. */
	ranAtMilliseconds: number;
	/** When the counters were known to be right, on the monotonic clock. */
	readAtMilliseconds: number;
	statReadAtMilliseconds: number;

	voluntarySwitchesPerSecond: Reading<number>;
	involuntarySwitchesPerSecond: Reading<number>;
	cpuPercent: Reading<number>;
	systemCpuPercent: Reading<number>;
	runQueueWaitPercent: Reading<number>;

	waitChannel: Reading<string>;
	wait: Reading<Wait>;
	waits: readonly WaitShare[] | undefined;
	/** Functions that it sleeps in, innermost first; only of threads that were looked at closely. */
	stack: readonly string[] | undefined;
	/** What its runtime knows of it; see the model's Thread. */
	runtimeStack: readonly string[] | undefined;
	runtimeStackNote: string | undefined;
	runtimeName: string | undefined;
	role: string | undefined;
	/** Only of threads that seem to spin; see the model's Thread. */
	kernelWork: ThreadKernelWork | undefined;

	/** Asleep with a known wait: while its schedstat stays as it is, nothing else can have changed. */
	settled: boolean;
	/** Asleep with a wait that there was no time to read. */
	postponed: boolean;
	/** Sweeps in a row in which it had run, or hadn't (negative). */
	activeSweeps: number;
	/** Its place among the sleepers; -1 when it is read one by one. */
	sleeperSlot: number;
	/** Discovery's mark: the walk that saw it last. */
	seenInWalk: number;
	dead: boolean;
	dirty: boolean;
	published: Thread | undefined;
};

export type ProcessEntry = {
	readonly pid: number;
	startTimeTicks: number;
	name: string;
	parentPid: number;
	processGroup: number;
	session: number;
	terminalProcessGroup: number;
	nice: number;
	state: string;
	kernelThread: boolean;
	lockedPages: boolean;
	commandLine: Reading<readonly string[]>;
	userId: number | undefined;
	cgroup: Reading<string>;
	cpuQuotaPercent: number | undefined;
	throttling: Throttling | undefined;
	/** Threads that have not run for a minute. */
	idleThreadCount: number;
	cpusAllowed: number | undefined;

	userTicks: number;
	systemTicks: number;
	statReadAtMilliseconds: number;
	systemCpuPercent: number | undefined;
	childrenTicks: number;
	endedChildrenCpuPercent: number | undefined;

	runtime: Runtime | undefined;
	service: Service | undefined;
	locks: readonly Lock[] | undefined;
	kernelWork: Reading<ProcessKernelWork>;
	pipeExchange: PipeExchange | undefined;
	/** Whether the kernel refused /proc/PID/task/TID/syscall and with it what its threads wait for. */
	waitsRefused: boolean;
	/** Bumped when it may run another program: what was learnt of the old one must be learnt again. */
	generation: number;
	/** Where its stack began when it was read last; each exec(2) has another one. 0 where the kernel hides it. */
	startStack: number;
	/** Sweeps since it was found, or since it ran another program; an old process begins with some. */
	sweeps: number;

	threads: Map<number, ThreadEntry>;
	/** Those that are not among the sleepers. */
	awake: Set<ThreadEntry>;
	/** Whether a thread ran since the last sweep. */
	active: boolean;
	dirty: boolean;
	published: Process | undefined;
};

export const createProcessEntry = (pid: number): ProcessEntry => ({
	pid,
	startTimeTicks: 0,
	name: '',
	parentPid: 0,
	processGroup: 0,
	session: 0,
	terminalProcessGroup: 0,
	nice: 0,
	state: '?',
	kernelThread: false,
	lockedPages: false,
	commandLine: undefined,
	userId: undefined,
	cgroup: undefined,
	cpuQuotaPercent: undefined,
	throttling: undefined,
	idleThreadCount: 0,
	cpusAllowed: undefined,
	userTicks: -1,
	systemTicks: -1,
	statReadAtMilliseconds: 0,
	systemCpuPercent: undefined,
	childrenTicks: -1,
	endedChildrenCpuPercent: undefined,
	runtime: undefined,
	service: undefined,
	locks: undefined,
	kernelWork: undefined,
	pipeExchange: undefined,
	waitsRefused: false,
	generation: 0,
	startStack: 0,
	sweeps: 0,
	threads: new Map(),
	awake: new Set(),
	active: false,
	dirty: true,
	published: undefined,
});

export const createThreadEntry = (process: ProcessEntry, tid: number): ThreadEntry => ({
	process,
	tid,
	startTimeTicks: 0,
	name: '',
	nameHash: 0,
	state: '?',
	policy: 0,
	nice: 0,
	lastCpu: 0,
	schedstatDescriptor: noDescriptor,
	statusDescriptor: noDescriptor,
	syscallDescriptor: noDescriptor,
	waitChannelDescriptor: noDescriptor,
	runNanoseconds: -1,
	delayNanoseconds: -1,
	slices: -1,
	voluntarySwitches: -1,
	involuntarySwitches: -1,
	userTicks: -1,
	systemTicks: -1,
	ranAtMilliseconds: 0,
	readAtMilliseconds: 0,
	statReadAtMilliseconds: 0,
	voluntarySwitchesPerSecond: undefined,
	involuntarySwitchesPerSecond: undefined,
	cpuPercent: undefined,
	systemCpuPercent: undefined,
	runQueueWaitPercent: undefined,
	waitChannel: undefined,
	wait: undefined,
	waits: undefined,
	stack: undefined,
	runtimeStack: undefined,
	runtimeStackNote: undefined,
	runtimeName: undefined,
	role: undefined,
	kernelWork: undefined,
	settled: false,
	postponed: false,
	activeSweeps: 0,
	sleeperSlot: -1,
	seenInWalk: 0,
	dead: false,
	dirty: true,
	published: undefined,
});
