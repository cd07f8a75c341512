/**
What a thread gets done by the system calls that it spends its time in, as far as the kernel counts it. Only of a thread that burns most of a CPU,
much of it in the kernel, and hardly ever sleeps.
*/
export type ThreadKernelWork = {
	/** Calls of read(2) and its like, also those that failed or moved nothing; recv(2) and its like are not counted. See proc_pid_io(5). */
	readsPerSecond: number;
	/** Each read that moved something moved one byte at least. */
	readBytesPerSecond: number;
	writesPerSecond: number;
	writtenBytesPerSecond: number;
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
	/** An open file through which work may go that leaves no such trace, such as `unix socket` or `/dev/kvm`. */
	untraceableDescriptor?: string;
	/** Missing while a number is free, and where no connection waits. */
	fullDescriptorTable?: FullDescriptorTable;
};
