/**
What one thread did, one letter for each sample, oldest first.

- `H`: it holds the lock
- `W`: it waits for the lock
- `R`: it runs, without the lock
- `Q`: it wants a CPU and has none
- `S`: it waits for something else
- `?`: the kernel refused to say
- a space: it wasn't looked at
*/
export type ThreadStrip = {tid: number; states: string};

/** Who had a lock and who waited for it, many times a second; of one process that somebody looks at. */
export type LockTimeline = {
	pid: number;
	/** With the pid the process's identity. */
	startTimeTicks: number;
	/** The lock that holding and waiting are about; missing where no thread waits for one. */
	lock?: {
		/** One of the process's locks. */
		id: string;
		kind: string;
		name: string;
		/** Whether the lock records who holds it: without that nobody is seen to. */
		recordsHolder: boolean;
	};
	/** Samples in each strip, and the time from the first to the last. */
	samples: number;
	seconds: number;
	/** What sampling costs, 100 = one CPU. */
	cpuPercent: number;
	/** By tid. */
	threads: readonly ThreadStrip[];
	/** Threads that there was no room for: those that switch least. */
	threadsLeftOut: number;
};
