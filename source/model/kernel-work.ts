import type {Reading} from './reading.js';

/**
From which share of its CPU time on a thread works mostly in the kernel. Measured of loops around one system call: 64 to 75 % in C and Go,
50 % in Python.
*/
export const shareOfKernelWork = 0.4;

/** The same of a loop around sched_yield that turns a few times before each: measured 30 to 34 % in Rust. */
export const shareOfPausedLoop = 0.28;

/** What a thread reads and writes. */
export type ThreadIo = {
	/** Calls of read(2) and its like, also those that failed or moved nothing; recv(2) and its like are not counted. See proc_pid_io(5). */
	readsPerSecond: number;
	/** Each read that moved something moved one byte at least. */
	readBytesPerSecond: number;
	writesPerSecond: number;
	writtenBytesPerSecond: number;
};

/**
What a thread gets done by the system calls that it spends its time in, as far as the kernel counts it. Only of a thread that burns most of a CPU,
much of it in the kernel, and hardly ever sleeps; where its process has `readySockets`, a smaller part is enough.
*/
export type ThreadKernelWork = {
	/** Null where the kernel refused it. */
	io: Reading<ThreadIo>;
	/** Minor and major ones. */
	pageFaultsPerSecond: number;
};

/** A process that can open no further file: each number below its soft limit is taken, so that accept(2) fails at once. */
export type FullDescriptorTable = {
	/** Soft limit of open files. */
	openFilesLimit: number;
	/** Connections that waited to be accepted by this process, at each of the last two readings: the fewer of both. */
	connectionCount: number;
	/** Of the sockets that they wait at, such as `*:8080`. */
	listensOn: readonly string[];
	/** The kernel refused to list its files: how many they are was told, and the sockets are those that its user opened. */
	isRefused?: true;
};

/** Sockets of a process that a wait for them comes back for at once, whenever it is made. */
export type ReadySockets = {
	/** `writable`: they are watched for that, and have nothing under way. `closed-by-peer`: they can be read for ever, 0 bytes each time. */
	reason: 'writable' | 'closed-by-peer';
	socketCount: number;
	/** Descriptor of one of them. */
	fd: number;
	/** Descriptor of the epoll instance that watches them, level-triggered; missing where none does: what poll and select watch is told nowhere. */
	epollFd?: number;
	/** How long that one has been so in each reading. */
	seconds: number;
};

/** What is seen of a process in which a thread has `kernelWork`. */
export type ProcessKernelWork = {
	/** Received and sent by all interfaces of its network namespace, which other processes may share; missing where that can't be read. */
	packetsPerSecond?: number;
	descriptorCount: number;
	/**
	How long it has had the same files open, at the same positions, the same working directory and as much address space; missing where it has
	too many files open to look at each.
	*/
	unchangedSeconds?: number;
	/** Sockets among its open files, the standard streams aside; missing as above. */
	socketCount?: number;
	/** Descriptor of an epoll instance among its open files; missing where it has none, and as above. */
	epollFd?: number;
	/** An open file through which work may go that leaves no such trace, such as `unix socket` or `/dev/kvm`. */
	untraceableDescriptor?: string;
	/** Missing while a number is free, and where no connection waits. */
	fullDescriptorTable?: FullDescriptorTable;
	/** Missing where there are none, and where it has too many sockets to look for them. */
	readySockets?: readonly ReadySockets[];
};
